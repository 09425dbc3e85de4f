// The watch over every page: a test of pages is worth nothing if this lets a fault through.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible, launchBrowser, withPage } from "../lib/browser.mjs";

const PAGES = {
  "/clean": [200, "<h1>Fine</h1>"],
  "/inline": [200, "<h1>Blocked</h1><script>1</script>"],
  "/styled": [200, "<h1>Blocked</h1><style>h1 { color: red }</style>"],
  "/broken": [500, "<h1>Broken</h1>"],
  "/throws": [200, "<h1>Throws</h1><script src=/throw.js></script>"],
  "/throw.js": [200, "throw new Error('on purpose')"],
  "/pale": [200, "<main><h1>Pale</h1><p style='color:#eee;background:#fff'>cannot be read</p></main>"],
};

let browser;
let site;
before(async () => {
  browser = await launchBrowser();
  site = http.createServer((request, response) => {
    const [status, body] = PAGES[request.url] ?? [404, ""];
    const type = request.url.endsWith(".js") ? "text/javascript" : "text/html";
    const policy = request.url === "/pale" ? "default-src 'self' 'unsafe-inline'" : "default-src 'self'";
    response.writeHead(status, { "content-type": type, "content-security-policy": policy });
    response.end(type === "text/html" ? `<!doctype html><html lang=en><title>T</title>${body}` : body);
  });
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await browser?.close();
  site?.close();
});

const visit = (path, options = {}) =>
  withPage(browser, options, (page) =>
    page.goto(`http://localhost:${site.address().port}${path}`, { waitUntil: "load" }),
  );

test("a clean page passes", () => visit("/clean"));

// The page's own event and the console both tell of it; which one is heard first is chance.
test("a resource blocked by the policy fails, with scripts and without", async () => {
  await assert.rejects(visit("/inline"), /CSP script-src|Executing inline script violates/);
  await assert.rejects(visit("/styled"), /CSP style-src|Applying inline style violates/);
  await assert.rejects(visit("/styled", { javaScriptEnabled: false }), /Content Security Policy/);
});

test("a server error fails", () => assert.rejects(visit("/broken"), /500/));

test("an uncaught exception fails", () => assert.rejects(visit("/throws"), /on purpose/));

test("unreadable text is a serious barrier", () =>
  withPage(browser, {}, async (page) => {
    await page.goto(`http://localhost:${site.address().port}/pale`);
    await assert.rejects(assertAccessible(page, "pale"), /color-contrast/);
  }));
