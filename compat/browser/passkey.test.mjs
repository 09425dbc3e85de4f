// Passkeys with Chromium's own authenticators: on the account page and on the sign-in pages.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { Authenticator } from "../lib/authenticator.mjs";
import { assertAccessible, atApp, onScreen, signInOn, withPage } from "../lib/browser.mjs";
import { authorizeUrl, pkce, signUp } from "../lib/oauth.mjs";
import { answer, assertion, beginLogin } from "../lib/passkey.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const PASSKEYS = "Passkeys";
/** A phone, reached over the air: not part of the computer whose browser is used. */
const PHONE = { transport: "hybrid" };
const KEY = { transport: "usb" };

const start = (page) => page.goto(authorizeUrl(here.server, { challenge: pkce().challenge }).href);

/** A new person on their account page, in a browser that has an authenticator. */
async function walk(name, steps, options = {}) {
  const person = newPerson(name);
  await signUp(here.server, person);
  await withPage(here.browser, {}, async (page) => {
    const account = new AccountPage(page, here.server);
    await account.open(person);
    const authenticator = await Authenticator.plugIn(page, options);
    await steps({ account, person, page, authenticator });
  });
}

/** Adds a passkey on the account page. */
async function add({ account, page }) {
  await account.press(PASSKEYS, /^Add/);
  await account.finish("Continue");
  await page.getByText("Passkey added.").first().waitFor();
}

/** Ends the session, and stays where no script looks for passkeys. */
async function leave(page) {
  await page.goto(`${here.server.origin}/healthz`);
  await page.context().clearCookies();
}

describe("on the account page", () => {
  test("adds, renames and removes a passkey, and is told by mail", () =>
    walk("owner", async ({ account, person, page, authenticator }) => {
      await add({ account, page });
      const row = account.rows(PASSKEYS).first();
      await row.getByText("Only on this device").waitFor();
      await row.locator("svg[data-icon=device]").waitFor();
      await row.getByText(/^Added on .* with Chrome/).waitFor();
      const [credential] = await authenticator.credentials();
      assert.equal(credential.rpId, "localhost");
      assert.ok(credential.isResidentCredential);
      await here.server.message(person.email, ({ subject }) => /passkey/i.test(subject));
      await assertAccessible(page, "account page with a passkey");

      await account.press(PASSKEYS, /^Rename/);
      await account.dialog.getByLabel("Name").fill("My <b>laptop</b>");
      await account.finish("Save");
      await account.rows(PASSKEYS).locator("strong").getByText("My <b>laptop</b>").waitFor();

      await account.press(PASSKEYS, /^Remove/);
      await account.finish("Remove");
      await account.rows(PASSKEYS).waitFor({ state: "detached" });
    }));

  test("tells a synchronized passkey and a security key apart", () =>
    walk(
      "synced",
      async ({ account, page, authenticator }) => {
        await add({ account, page });
        await account.rows(PASSKEYS).getByText("Synced").waitFor();
        await account.rows(PASSKEYS).locator("svg[data-icon=cloud]").waitFor();
        await authenticator.unplug();
        await Authenticator.plugIn(page, KEY);
        await add({ account, page });
        await account.rows(PASSKEYS).locator("svg[data-icon=key]").waitFor();
        assert.equal(await account.rows(PASSKEYS).count(), 2);
      },
      { defaultBackupEligibility: true, defaultBackupState: true },
    ));

  test("one device makes one passkey; giving up makes none", () =>
    walk("undecided", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await account.press(PASSKEYS, /^Add/);
      await account.dialog.getByRole("button", { name: "Continue" }).click();
      await account.dialog.getByText("on that device already").waitFor();
      await assertAccessible(page, "account page refusing a second passkey");
      await page.keyboard.press("Escape");
      assert.equal(await account.rows(PASSKEYS).count(), 1);
      assert.equal((await authenticator.credentials()).length, 1);
    }));
});

describe("on the sign-in pages", () => {
  test("signs in by what the browser suggests in the field", () =>
    walk("autofill", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await leave(page);
      const [before] = await authenticator.credentials();
      await start(page);
      await atApp(page);
      const [after] = await authenticator.credentials();
      assert.ok(after.signCount > before.signCount, "the authenticator was asked");
    }));

  test("signs in by the button, and shows the last use", () =>
    walk("button", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await leave(page);
      // It has nothing to suggest until the button is pressed.
      const putBack = await authenticator.takeOut();
      await page.goto(`${here.server.origin}/account`);
      await onScreen(page, "Welcome");
      assert.match(await page.getAttribute("#username", "autocomplete"), /webauthn/);
      await assertAccessible(page, "identifier page with passkeys");
      await putBack();
      await page.getByRole("button", { name: "Continue with a passkey" }).click();
      await account.ready();
      await account.rows(PASSKEYS).getByText(/last used on/).waitFor();
    }));

  test("signs in although the finger is not recognized: the server prefers it, no more", () =>
    walk("unverified", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await leave(page);
      await authenticator.verifiesUser(false);
      const login = await beginLogin(here.server);
      const credential = await assertion(page, { ...login.options, userVerification: "discouraged" });
      assert.equal(Buffer.from(credential.response.authenticatorData, "base64url")[32] & 4, 0);
      assert.ok((await answer(login, credential)).signedIn);
    }));

  test("a passkey of another device and one of this live side by side", () =>
    walk(
      "travel",
      async ({ account, page, authenticator }) => {
        await add({ account, page });
        const [phone] = await authenticator.credentials();
        await authenticator.unplug();
        const laptop = await Authenticator.plugIn(page);
        await add({ account, page });
        assert.equal(await account.rows(PASSKEYS).count(), 2);
        await account.rows(PASSKEYS).first().getByRole("button", { name: /^Remove/ }).click();
        await account.finish("Remove");
        await leave(page);
        const first = await beginLogin(here.server);
        assert.ok((await answer(first, await assertion(page, first.options))).signedIn);
        await laptop.clear();
        await laptop.add(phone);
        const second = await beginLogin(here.server);
        const refused = await answer(second, await assertion(page, second.options));
        assert.deepEqual(refused, { signedIn: false, status: 400, error: "no-passkey" });
      },
      PHONE,
    ));

  test("an answer made on another origin is refused", () =>
    walk("phished", async ({ account, page }) => {
      await add({ account, page });
      const login = await beginLogin(here.server);
      await page.goto(here.app.origin); // localhost, too, but another port
      const credential = await assertion(page, login.options);
      const refused = await answer(login, credential);
      assert.deepEqual(refused, { signedIn: false, status: 400, error: "passkey-authentication-failed" });
    }));

  test("an answer is good once, and for its own challenge alone", () =>
    walk("replayed", async ({ account, page }) => {
      await add({ account, page });
      await leave(page);
      const login = await beginLogin(here.server);
      const credential = await assertion(page, login.options);
      const other = await beginLogin(here.server);
      assert.equal((await answer(other, credential)).error, "passkey-authentication-failed");
      assert.ok((await answer(login, credential)).signedIn);
      assert.equal((await answer(login, credential)).signedIn, false);
    }));

  test("a copy of an authenticator gives itself away by its counter", () =>
    walk("cloned", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await leave(page);
      const [copy] = await authenticator.credentials();
      for (let use = 0; use < 3; use += 1) {
        const login = await beginLogin(here.server);
        assert.ok((await answer(login, await assertion(page, login.options))).signedIn);
      }
      await authenticator.clear();
      await authenticator.add(copy);
      const login = await beginLogin(here.server);
      const refused = await answer(login, await assertion(page, login.options));
      assert.equal(refused.error, "passkey-authentication-failed");
    }));

  test("a challenge is renewed in time for whoever leaves the page open", () =>
    walk("patient", async ({ account, page, authenticator }) => {
      await add({ account, page });
      await leave(page);
      const putBack = await authenticator.takeOut();
      await page.clock.install();
      await start(page);
      await here.server.advance(290);
      const renewed = page.waitForResponse((response) => response.url().includes("/u/login/identifier"));
      await page.clock.runFor(271_000);
      await renewed;
      await here.server.advance(20);
      await putBack();
      // An authenticator that is put back may answer the suggestion before anybody reaches the button.
      const signedIn = atApp(page);
      await Promise.any([signedIn, page.getByRole("button", { name: "Continue with a passkey" }).click()]);
      await signedIn;
    }));
});

describe("the offer after a password", () => {
  /** Somebody at the offer. */
  const offered = (name, steps) =>
    withPage(here.browser, {}, async (page) => {
      const person = newPerson(name);
      await signUp(here.server, person);
      const authenticator = await Authenticator.plugIn(page);
      const logIn = async () => {
        await start(page);
        await signInOn(page, person);
      };
      await logIn();
      await onScreen(page, "Create a Passkey");
      await steps({ page, authenticator, logIn });
    });

  test("makes a passkey that signs in next time", () =>
    offered("convinced", async ({ page, authenticator }) => {
      await assertAccessible(page, "passkey enrolment");
      await page.getByRole("button", { name: "Create a passkey" }).click();
      await atApp(page);
      assert.equal((await authenticator.credentials()).length, 1);
      await leave(page);
      await start(page);
      await atApp(page);
    }));

  test("goes on without, and comes back unless told not to for thirty days", () =>
    offered("reluctant", async ({ page, logIn }) => {
      await page.getByRole("button", { name: "Continue without passkeys" }).click();
      await atApp(page);
      await leave(page);
      await logIn();
      await onScreen(page, "Create a Passkey");
      await page.getByLabel("Don’t ask me again for 30 days").check();
      await page.getByRole("button", { name: "Continue without passkeys" }).click();
      await atApp(page);
      await leave(page);
      await logIn();
      await atApp(page);
    }));

  test("says so when the device refuses, and offers to go on", () =>
    offered("refused", async ({ page, authenticator }) => {
      await authenticator.unplug();
      await Authenticator.plugIn(page, { hasResidentKey: false }); // keeps nothing itself
      await page.getByRole("button", { name: "Create a passkey" }).click();
      await page.getByText("No passkey was made").first().waitFor();
      await page.locator("button[data-action-button-primary=true]:not([disabled])").waitFor();
      await page.getByRole("button", { name: "Continue without passkeys" }).click();
      await atApp(page);
    }));
});
