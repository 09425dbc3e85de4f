// The second factor on the sign-in pages: an authenticator app, its enrolment because a policy wants
// it, and the recovery code.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertAccessible, atApp, onScreen, signInOn, submitPrimary, withPage } from "../lib/browser.mjs";
import { authorizeUrl, pkce, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { base32Decode, totp } from "../lib/totp.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";

/** Asks for a second factor, whatever the tenant's policy. */
const start = (page) => {
  const { challenge } = pkce();
  return page.goto(authorizeUrl(here.server, { challenge, acr_values: MULTI_FACTOR }).href);
};

/** Moves on to another code. */
const later = () => here.server.advance(60);

/** Signs in and enrols an app; returns its secret and the recovery code. */
async function enroll(page, person) {
  await start(page);
  await signInOn(page, person);
  const options = page.locator("main.mfa-begin-enroll-options");
  await page.locator("main[class*=mfa-]").waitFor();
  if (await options.count()) {
    await assertAccessible(page, "options to enrol");
    await page.locator("button[value=otp]").click();
  }
  await page.locator("main.mfa-otp-enrollment-qr svg.qr").waitFor();
  await assertAccessible(page, "enrolling an app");
  const secret = base32Decode(await page.locator("#manual-input-code").textContent());
  await page.fill("#code", totp(secret, await here.server.now()));
  await submitPrimary(page);
  await page.locator("main.mfa-recovery-code-enrollment").waitFor();
  await assertAccessible(page, "recovery code");
  const recovery = await page.locator("#recovery-code").textContent();
  await page.check("#saved");
  await submitPrimary(page);
  await atApp(page);
  return { secret, recovery };
}

async function walk(name, steps, options = {}) {
  const person = newPerson(name);
  await signUp(here.server, person);
  await withPage(here.browser, options, (page) => steps(page, person));
}

describe("a second factor at login", () => {
  test("is enrolled, then asked for, and a wrong code is refused", () =>
    walk("app", async (page, person) => {
      const { secret } = await enroll(page, person);
      await page.context().clearCookies();
      await later();
      await start(page);
      await signInOn(page, person);
      await onScreen(page, "Verify Your Identity");
      await assertAccessible(page, "challenge of an app");
      await page.fill("#code", "000000");
      await submitPrimary(page);
      await page.locator("#error-element-code[data-error-code=invalid-code]").waitFor();
      await page.fill("#code", totp(secret, await here.server.now()));
      await submitPrimary(page);
      await atApp(page);
      assert.ok(new URL(page.url()).searchParams.get("code"));
    }));

  test("can be replaced by the recovery code, which is used up", () =>
    walk("paper", async (page, person) => {
      const { recovery } = await enroll(page, person);
      await page.context().clearCookies();
      await start(page);
      await signInOn(page, person);
      await page.locator("button[value=pick-authenticator]").click();
      await page.locator("main.mfa-login-options").waitFor();
      await assertAccessible(page, "options to log in");
      await page.locator("button[value=recovery-code]").click();
      await page.fill("#code", recovery.toLowerCase());
      await submitPrimary(page);
      await page.locator("main.mfa-recovery-code-challenge-new-code").waitFor();
      assert.notEqual(await page.locator("#recovery-code").textContent(), recovery);
      await page.check("#saved");
      await submitPrimary(page);
      await atApp(page);
    }));

  test("works without JavaScript, on a phone", () =>
    walk(
      "plain",
      async (page, person) => {
        await start(page);
        await signInOn(page, person);
        await page.locator("main[class*=mfa-]").waitFor();
        if (await page.locator("main.mfa-begin-enroll-options").count()) {
          await page.locator("button[value=otp]").click();
        }
        const secret = base32Decode(await page.locator("#manual-input-code").textContent());
        await page.fill("#code", totp(secret, await here.server.now()));
        await submitPrimary(page);
        await page.check("#saved");
        await submitPrimary(page);
        await atApp(page);
      },
      { javaScriptEnabled: false, viewport: { width: 360, height: 640 } },
    ));
});
