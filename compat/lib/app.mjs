// An application of one page, the way a web developer's first attempt looks: the SDK's own file from
// its package, unmodified. It listens where every seeded client has its callback, and remembers what
// it was sent.
//
// A stand-in made by the browser driver would not do: it cannot answer after a redirect, and having
// no network address it may not frame local pages.

import http from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { CALLBACK } from "./oauth.mjs";

// The package exports its main file only; the browser bundle lies in the same folder.
const MAIN = createRequire(import.meta.url).resolve("@auth0/auth0-spa-js");
const BUNDLE = path.join(MAIN.replace(/dist\b.*$/, "dist"), "auth0-spa-js.production.js");
const SCRIPT = "/auth0-spa-js.production.js";

const PAGE = `<!doctype html>
<html lang="en"><title>App</title><link rel="icon" href="data:,">
<h1>App</h1>
<script src="${SCRIPT}"></script>
</html>`;

/** Starts the application. */
export async function startApp() {
  const app = new App(await readFile(BUNDLE));
  await app.listen(Number(new URL(CALLBACK).port));
  return app;
}

class App {
  /** What arrived at its pages. @type {{ method: string, parameters: URLSearchParams }[]} */
  calls = [];
  origin = CALLBACK;
  #server;

  constructor(bundle) {
    this.#server = http.createServer(async (request, response) => {
      const { pathname, search } = new URL(request.url, CALLBACK);
      if (pathname === SCRIPT) return response.setHeader("content-type", "text/javascript").end(bundle);
      const body = Buffer.concat(await request.toArray()).toString();
      this.calls.push({ method: request.method, parameters: new URLSearchParams(body || search) });
      return response.setHeader("content-type", "text/html").end(PAGE);
    });
  }

  listen(port) {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
  }

  /** What the last call carried. */
  get last() {
    return this.calls.at(-1);
  }

  stop() {
    return new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }
}
