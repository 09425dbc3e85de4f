// Saves a picture of every page, wide and phone-sized, light and dark:
//
//     node browser/screenshots.mjs FOLDER

import { mkdir } from "node:fs/promises";
import path from "node:path";
import { launchBrowser, withPage } from "../lib/browser.mjs";
import { startServer } from "../lib/server.mjs";
import { visitAll } from "../lib/tour.mjs";

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

const folder = process.argv[2];
if (!folder) {
  console.error("usage: node browser/screenshots.mjs FOLDER");
  process.exit(2);
}
await mkdir(folder, { recursive: true });
const [server, browser] = await Promise.all([startServer(), launchBrowser()]);
try {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      await withPage(browser, { viewport, colorScheme }, (page) =>
        visitAll(server, page, async (name) => {
          const file = path.join(folder, `${name}-${size}-${colorScheme}.png`);
          await page.screenshot({ path: file, fullPage: true });
          console.log(file);
        }),
      );
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
