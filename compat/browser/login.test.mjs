// The sign-in pages as a person without scripts, and as other people's browser tests, meet them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { atApp, onScreen, signInOn, submitPrimary, withPage } from "../lib/browser.mjs";
import { authorizeUrl, pkce, redeem } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const NO_SCRIPTS = { javaScriptEnabled: false };
const start = (page, extra = {}) =>
  page.goto(authorizeUrl(here.server, { challenge: pkce().challenge, ...extra }).href);

test("signs in without JavaScript, and the code is good for tokens", () =>
  withPage(here.browser, NO_SCRIPTS, async (page, app) => {
    const { verifier, challenge } = pkce();
    await start(page, { challenge, state: "kept as sent &<>" });
    assert.match(new URL(page.url()).pathname, /^\/u\/login\/identifier/);
    await signInOn(page, here.server.info.user);
    await atApp(page);
    assert.equal(app.last.method, "GET");
    assert.equal(app.last.parameters.get("state"), "kept as sent &<>");
    const tokens = await redeem(here.server, new URL(page.url()), verifier);
    assert.ok(tokens.access_token && tokens.id_token && tokens.refresh_token);
  }));

test("a wrong password is a 400 with the documented error element; the right one still works", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    const person = here.server.info.user;
    await start(page);
    const answer = await signInOn(page, { email: person.email, password: "not it at all" });
    assert.equal(answer.status(), 400);
    const error = page.locator("span#error-element-password.ulp-input-error-message");
    assert.equal(await error.getAttribute("data-error-code"), "wrong-email-credentials");
    assert.equal(await error.innerText(), "Wrong email or password");
    assert.equal(await page.inputValue("#password"), "", "a password is never sent back");
    await page.fill("#password", person.password);
    await submitPrimary(page);
    await atApp(page);
  }));

test("an unknown person sees exactly what a wrong password shows", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    await start(page);
    const answer = await signInOn(page, newPerson("nobody"));
    assert.equal(answer.status(), 400);
    assert.equal(
      await page.getAttribute("#error-element-password", "data-error-code"),
      "wrong-email-credentials",
    );
  }));

test("both login pages carry the markup that tests of applications select", () =>
  withPage(here.browser, {}, async (page) => {
    const common = [
      "body._widget-auto-layout main._widget section._prompt-box-outer #prompt-logo-center",
      "form[data-form-primary=true][method=POST]:not([action]) input[type=hidden][name=state]",
      "button[type=submit][name=action][value=default][data-action-button-primary=true]:has-text('Continue')",
    ];
    const has = async (selectors) => {
      for (const selector of selectors) assert.equal(await page.locator(selector).count(), 1, selector);
    };
    await start(page);
    await onScreen(page, "Welcome");
    assert.match(await page.title(), /^Log in \| ./);
    await has([
      ...common,
      "main.login-id form._form-login-id",
      "input#username[name=username][type=text][inputmode=email][autocomplete^=username]",
      "input.hide[type=password][aria-hidden=true]",
      ...["js-available", "webauthn-available", "is-brave", "webauthn-platform-available"].map(
        (name) => `input[name=${name}]`,
      ),
      ".ulp-alternate-action a:has-text('Sign up')",
    ]);
    await page.fill("#username", here.server.info.user.email);
    await submitPrimary(page);
    await onScreen(page, "Enter Your Password");
    await has([
      ...common,
      "main.login-password form._form-login-password",
      "input#password[name=password][type=password][autocomplete=current-password]",
      `span.ulp-authenticator-selector-text:has-text("${server.info.user.email}")`,
      ".ulp-forgot-password-link a",
      "button[data-action=toggle]",
    ]);
  }));

test("scripts say what is missing before the form leaves, and can show the password", () =>
  withPage(here.browser, {}, async (page) => {
    await start(page);
    await page.click("button[name=action]");
    assert.ok(await page.locator("#error-cs-username-required").isVisible());
    assert.equal(await page.evaluate(() => document.activeElement.id), "username");
    await page.fill("#username", here.server.info.user.email);
    assert.ok(await page.locator("#error-cs-username-required").isHidden());
    await submitPrimary(page);
    await page.fill("#password", "secret");
    await page.click("button[data-action=toggle]");
    assert.equal(await page.getAttribute("#password", "type"), "text");
    await page.click("button[data-action=toggle]");
    assert.equal(await page.getAttribute("#password", "type"), "password");
  }));

test("signs in with the keyboard alone", () =>
  withPage(here.browser, {}, async (page) => {
    await start(page);
    await page.locator("#username:focus").waitFor();
    await page.keyboard.type(here.server.info.user.email);
    await page.keyboard.press("Enter");
    await page.locator("#password:focus").waitFor();
    await page.keyboard.type(here.server.info.user.password);
    await page.keyboard.press("Enter");
    await atApp(page);
  }));

test("login_hint fills the identifier, and its text stays text", () =>
  withPage(here.browser, {}, async (page) => {
    const hint = `"><script>alert(1)</script>@example.com`;
    await start(page, { login_hint: hint });
    assert.equal(await page.inputValue("#username"), hint);
  }));

test("Edit leads back from the password to the identifier", () =>
  withPage(here.browser, NO_SCRIPTS, async (page) => {
    await start(page);
    await page.fill("#username", "wrong@example.com");
    await submitPrimary(page);
    await page.getByRole("link", { name: /Edit/ }).click();
    await onScreen(page, "Welcome");
    await signInOn(page, here.server.info.user);
    await atApp(page);
  }));

test("a lost transaction gets a page that says so", () =>
  withPage(here.browser, {}, async (page) => {
    const answer = await page.goto(`${here.server.origin}/u/login/identifier?state=hKFo2SBub25l`);
    assert.equal(answer.status(), 400);
    await onScreen(page, "Oops!, something went wrong");
  }));

test("a form from another transaction's browser is refused", () =>
  withPage(here.browser, {}, async (page) => {
    await start(page);
    const state = new URL(page.url()).searchParams.get("state");
    const answer = await here.server.request(`/u/login/identifier?state=${encodeURIComponent(state)}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        state,
        username: here.server.info.user.email,
        action: "default",
      }).toString(),
    });
    assert.ok(answer.status >= 400 && answer.status < 500, `without the cookie: ${answer.status}`);
    await signInOn(page, here.server.info.user);
    await atApp(page);
  }));
