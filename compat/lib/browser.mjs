// The system's Chromium, driven through Playwright, and what every page has to satisfy.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { CALLBACK } from "./oauth.mjs";

const FLAGS = [
  "--no-sandbox", // the sandbox refuses to run as root, which is what a container gives us
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const EXECUTABLE = process.env.HOUSEKEY_CHROMIUM ?? "/usr/bin/chromium";
const APP_PAGE = "<!doctype html><html lang=en><title>App</title><h1>App</h1>";
/** Axe's rules for WCAG 2.2 AA and its own best practices. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Starts the browser. */
export function launchBrowser() {
  return chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
}

/**
 * Runs `visit` with a page of a fresh browser profile, and fails on anything the browser complained
 * about meanwhile: a blocked resource, an uncaught exception, a 5xx.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").BrowserContextOptions & { realApp?: boolean }} options with
 *   `realApp` something does listen at the callback address; otherwise a stand-in answers there
 * @param {(page: import("playwright-core").Page, app: StandInApp) => Promise<void>} visit
 */
export async function withPage(browser, { realApp = false, ...options }, visit) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(15_000);
  const faults = await watch(context);
  const app = realApp ? undefined : await StandInApp.in(context);
  try {
    await visit(await context.newPage(), app);
    assert.deepEqual(faults, [], "the browser complained");
  } finally {
    await context.close();
  }
}

/** Collects what must not happen on any page. */
async function watch(context) {
  const faults = [];
  await context.exposeBinding("reportViolation", (_, violation) => faults.push(`CSP ${violation}`));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(
        `${event.effectiveDirective} blocked ${event.blockedURI} on ${location.pathname}`,
      );
    });
  });
  context.on("console", (message) => {
    // Without scripts the event above cannot fire, but the console still says it.
    if (/content security policy|refused to/i.test(message.text())) faults.push(message.text());
  });
  context.on("weberror", (error) => faults.push(`uncaught: ${error.error()}`));
  context.on("response", (response) => {
    if (response.status() >= 500) faults.push(`${response.status()} ${response.url()}`);
  });
  return faults;
}

/** Answers at the callback address in place of an application, and remembers what it was sent. */
class StandInApp {
  /** @type {{ method: string, parameters: URLSearchParams }[]} */
  calls = [];

  static async in(context) {
    const app = new StandInApp();
    await context.route(`${CALLBACK}/**`, (route) => {
      const request = route.request();
      const search = new URL(request.url()).search;
      app.calls.push({
        method: request.method(),
        parameters: new URLSearchParams(request.postData() ?? search),
      });
      return route.fulfill({ contentType: "text/html", body: APP_PAGE });
    });
    return app;
  }

  /** What the last call carried. */
  get last() {
    return this.calls.at(-1);
  }
}

/** Waits until the browser has arrived at the application. */
export function atApp(page) {
  return page.waitForURL((url) => url.origin === CALLBACK);
}

/** The page's `h1` must be `text`: the steps of a walk are told apart by it. */
export async function onScreen(page, text) {
  await page.getByRole("heading", { level: 1, name: text }).waitFor();
}

/** Presses the primary button; gives the answer to the form once the page it led to is there. */
export async function submitPrimary(page) {
  const [answer] = await Promise.all([
    page.waitForResponse(
      (response) => response.request().method() === "POST" && response.request().isNavigationRequest(),
    ),
    page.waitForEvent("domcontentloaded"),
    page.click("button[data-action-button-primary=true]"),
  ]);
  return answer;
}

/** Signs in on the pages. */
export async function signInOn(page, { email, password }) {
  await page.fill("#username", email);
  await submitPrimary(page);
  await page.fill("#password", password);
  return submitPrimary(page);
}

/** Fails on barriers that a person with assistive technology would call serious, in both themes. */
export async function assertAccessible(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze();
    const serious = violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
    assert.deepEqual(serious, [], `${name}, ${colorScheme}`);
  }
}
