// Every page, in both themes, against axe.

import { test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { assertAccessible, withPage } from "../lib/browser.mjs";
import { visitAll } from "../lib/tour.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

test("no page has a serious barrier, light or dark", (t) =>
  withPage(here.browser, {}, (page) =>
    visitAll(here.server, page, (name) => t.test(name, () => assertAccessible(page, name))),
  ));

test("the account page fits a narrow phone without sideways scrolling", () =>
  withPage(here.browser, { viewport: { width: 320, height: 640 } }, async (page) => {
    await new AccountPage(page, here.server).open(here.server.info.user);
    await page.waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth);
  }));
