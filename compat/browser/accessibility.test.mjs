// Every page, in both themes, against axe.

import { after, before, test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { assertAccessible, launchBrowser, withPage } from "../lib/browser.mjs";
import { visitAll } from "../lib/tour.mjs";
import { startServer } from "../lib/server.mjs";

let server;
let browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), launchBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("no page has a serious barrier, light or dark", (t) =>
  withPage(browser, {}, (page) =>
    visitAll(server, page, (name) => t.test(name, () => assertAccessible(page, name))),
  ));

test("the account page fits a narrow phone without sideways scrolling", () =>
  withPage(browser, { viewport: { width: 320, height: 640 } }, async (page) => {
    await new AccountPage(page, server).open(server.info.user);
    await page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth);
  }));
