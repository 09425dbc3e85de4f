// An application of one page, the way a web developer's first attempt looks: the SDK's own file from
// its package, unmodified, and a global client.

import http from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

// The package exports its main file only; the browser bundle lies in the same folder.
const DIST = path.dirname(createRequire(import.meta.url).resolve("@auth0/auth0-spa-js"));
const BUNDLE = path.join(DIST.replace(/dist\b.*$/, "dist"), "auth0-spa-js.production.js");

const PAGE = `<!doctype html>
<html lang="en"><title>App</title>
<h1>App</h1>
<script src="/auth0-spa-js.production.js"></script>
</html>`;

/** Serves the application on the port every seeded client knows. */
export async function startApp(port = 3000) {
  const bundle = await readFile(BUNDLE);
  const app = http.createServer((request, response) => {
    const script = request.url === "/auth0-spa-js.production.js";
    response.setHeader("content-type", script ? "text/javascript" : "text/html");
    response.end(script ? bundle : PAGE);
  });
  await new Promise((resolve, reject) => app.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    origin: `http://localhost:${port}`,
    stop: () =>
      new Promise((resolve) => {
        app.close(resolve);
        app.closeAllConnections();
      }),
  };
}
