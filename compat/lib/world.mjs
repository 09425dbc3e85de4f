// What a file of tests runs against: one server, and one browser if it looks at pages.

import { after, before } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { startServer } from "./server.mjs";

/**
 * Starts a server, and a browser when `pages` are to be seen, before the file's tests, and stops
 * them after. The members are there once the tests run.
 *
 * @param {{ pages?: boolean }} [needs]
 * @returns {{ server: import("./server.mjs").Server, browser?: import("playwright-core").Browser }}
 */
export function world({ pages = false } = {}) {
  const all = {};
  before(async () => {
    all.server = await startServer();
    if (pages) all.browser = await launchBrowser();
  });
  after(async () => {
    await all.browser?.close();
    await all.server?.stop();
  });
  return all;
}
