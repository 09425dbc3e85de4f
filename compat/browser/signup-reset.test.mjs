// Getting an account, and getting back into one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { atApp, onScreen, signInOn, submitPrimary, withPage } from "../lib/browser.mjs";
import { authorizeUrl, pkce, redeem, signIn, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const NO_SCRIPTS = { javaScriptEnabled: false };
const start = (page, extra = {}) =>
  page.goto(authorizeUrl(here.server, { challenge: pkce().challenge, ...extra }).href);

/** Fills whichever sign-up pages the server shows. */
async function signUpOn(page, { email, password }) {
  let answer;
  if (await page.locator("#email:not(.hide)").count()) await page.fill("#email", email);
  if (!(await page.locator("#password").count())) answer = await submitPrimary(page);
  if (answer && answer.status() !== 302 && answer.status() !== 303) return answer;
  await page.fill("#password", password);
  return submitPrimary(page);
}

test("signs up without JavaScript, and the new account can sign in again", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    const person = newPerson("new");
    const { verifier, challenge } = pkce();
    await start(page, { challenge, screen_hint: "signup" });
    assert.match(new URL(page.url()).pathname, /^\/u\/signup/);
    await signUpOn(page, person);
    await atApp(page);
    const { id_token } = await redeem(here.server, new URL(page.url()), verifier);
    const claims = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
    assert.equal(claims.email, person.email);
    assert.equal(claims.email_verified, false);
    assert.ok((await signIn(here.server, person)).access_token);
  }));

test("an address that is taken, and a password too weak, are refused on the page", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    await start(page, { screen_hint: "signup" });
    assert.equal((await signUpOn(page, { ...newPerson(), password: "short" })).status(), 400);
    assert.ok(await page.locator("[id^=error-element-password][data-error-code]").count());
    await start(page, { screen_hint: "signup" });
    const taken = { ...newPerson(), email: here.server.info.user.email };
    assert.equal((await signUpOn(page, taken)).status(), 400);
    assert.ok(await page.locator("[data-error-code]").count());
    await assert.rejects(signIn(here.server, taken), "the account's password must not have changed");
  }));

test("resets a forgotten password by mail; the link works once", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    const person = newPerson("forgetful");
    await signUp(here.server, person);
    await start(page);
    await page.fill("#username", person.email);
    await submitPrimary(page);
    await page.locator(".ulp-forgot-password-link a").click();
    await onScreen(page, "Forgot Your Password?");
    await page.fill("input[name=email], input[name=username]", person.email);
    await submitPrimary(page);
    await onScreen(page, "Check Your Email");

    const { link } = await here.server.message(person.email, (message) => message.link?.includes("reset"));
    assert.equal(new URL(link).origin, here.server.origin);
    const password = "Another-Lantern-58";
    await page.goto(link);
    await onScreen(page, "Change Your Password");
    await page.fill("#password-reset", password);
    await page.fill("#re-enter-password", "Something-else-58");
    assert.equal((await submitPrimary(page)).status(), 400, "the two differ");
    await page.fill("#password-reset", password);
    await page.fill("#re-enter-password", password);
    assert.ok((await submitPrimary(page)).status() < 400);
    await onScreen(page, "Password Changed");

    await assert.rejects(signIn(here.server, person), /400/);
    assert.ok((await signIn(here.server, { ...person, password })).access_token);
    await here.server.message(person.email, (message) => /password was changed/i.test(message.subject));

    const again = await page.goto(link);
    assert.equal(again.status(), 400);
    assert.equal(await page.locator("#password-reset").count(), 0);
  }));

test("asking for a reset tells nobody whether the account exists", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    const nobody = newPerson("nobody");
    await start(page);
    await page.fill("#username", nobody.email);
    await submitPrimary(page);
    await page.locator(".ulp-forgot-password-link a").click();
    await page.fill("input[name=email], input[name=username]", nobody.email);
    await submitPrimary(page);
    await onScreen(page, "Check Your Email");
    assert.deepEqual(await here.server.outbox(nobody.email), []);
  }));

test("an old reset link is refused", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    const person = newPerson("slow");
    await signUp(here.server, person);
    await start(page, { login_hint: person.email });
    await submitPrimary(page);
    await page.locator(".ulp-forgot-password-link a").click();
    await page.fill("input[name=email], input[name=username]", person.email);
    await submitPrimary(page);
    const { link } = await here.server.message(person.email, (message) => message.link?.includes("reset"));
    await here.server.advance(6 * 24 * 3600); // longer than any sensible ticket lives
    assert.equal((await page.goto(link)).status(), 400);
    await start(page);
    await signInOn(page, person);
    await atApp(page);
  }));
