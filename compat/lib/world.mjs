// What a file of tests runs against: one server; to look at pages, one browser and the application
// that people sign in to.

import { after, before } from "node:test";
import { startApp } from "./app.mjs";
import { launchBrowser } from "./browser.mjs";
import { startServer } from "./server.mjs";

/**
 * Starts a server before the file's tests, with browser and application when `pages` are to be seen,
 * and stops them after. The members are there once the tests run.
 *
 * @param {{ pages?: boolean, tls?: boolean, prepare?: (all: object) => Promise<void> }} [needs]
 *   `prepare` runs once the server is up; the order of two `before` hooks of one file is not to be
 *   relied upon
 * @returns {{ server: object, browser?: import("playwright-core").Browser, app?: object }}
 */
export function world({ pages = false, tls = false, prepare = async () => {} } = {}) {
  const all = {};
  before(async () => {
    all.server = await startServer({ tls });
    if (pages) [all.browser, all.app] = await Promise.all([launchBrowser(), startApp()]);
    await prepare(all);
  });
  after(async () => {
    await all.browser?.close();
    await all.app?.stop();
    await all.server?.stop();
  });
  return all;
}
