// The account page, walked from end to end by a person with a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { onScreen, withPage } from "../lib/browser.mjs";
import { signIn, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

/** A new person on their account page, who is told of changes by mail. */
const walk = (name, steps) =>
  withPage(here.browser, {}, async (page) => {
    const person = newPerson(name);
    await signUp(here.server, person);
    const account = new AccountPage(page, here.server);
    await account.open(person);
    await steps(account, person, page);
  });

const notice = (person, pattern) =>
  here.server.message(person.email, ({ subject, text, code }) => !code && pattern.test(`${subject} ${text}`));

test("adds, renames and removes an authenticator app, and is told by mail", () =>
  walk("app", async (account, person, page) => {
    await account.press("Authenticator app", "Add authenticator app");
    await account.dialog.getByRole("img", { name: /QR/ }).waitFor();
    const code = await account.appCode();
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
    await account.dialog.getByLabel("6-digit code").fill(wrong);
    await account.dialog.getByRole("button", { name: "Confirm" }).click();
    await account.dialog.getByText("That code is not right").waitFor();
    await account.dialog.getByLabel("6-digit code").fill(await account.appCode());
    await account.finish("Confirm");
    await page.getByText("Authenticator app added.").first().waitFor();
    assert.equal(await account.rows("Authenticator app").count(), 1);
    await notice(person, /authenticator|added|new/i);

    await account.press("Authenticator app", /^Rename/);
    const name = `Phone <b>"of" mine</b>`;
    await account.dialog.getByLabel("Name").fill(name);
    await account.finish("Save");
    await account.rows("Authenticator app").locator("strong").getByText(name).waitFor();
    await page.reload();
    await account.ready();
    await account.rows("Authenticator app").locator("strong").getByText(name).waitFor();

    await account.press("Authenticator app", /^Remove/);
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(
      await account.rows("Authenticator app").count(),
      1,
      "nothing happens without the confirmation",
    );
    await account.press("Authenticator app", /^Remove/);
    await account.finish("Remove");
    await account.rows("Authenticator app").waitFor({ state: "detached" });
    await notice(person, /removed/i);
  }));

test("closing the dialog leaves nothing half-added", () =>
  walk("undecided", async (account, _, page) => {
    await account.press("Authenticator app", /^Add/);
    await account.dialog.getByLabel("6-digit code").waitFor();
    const takenBack = page.waitForResponse((response) => response.request().method() === "DELETE");
    await page.keyboard.press("Escape");
    assert.equal((await takenBack).status(), 204);
    await page.reload();
    await account.ready();
    assert.equal(await account.rows("Authenticator app").count(), 0);
  }));

test("adds an email address with the code that was sent to it", () =>
  walk("mail", async (account, person) => {
    const { email } = newPerson("second");
    await account.addEmail(email);
    await account.rows("Email").locator("strong").getByText(email).waitFor();
    await account.press("Email", /^Add/);
    await account.dialog.getByLabel("Email address").fill(email);
    await account.dialog.getByRole("button", { name: "Continue" }).click();
    await account.dialog.getByText("already one of your sign-in methods").waitFor();
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    await notice(person, /email|added|new/i);
  }));

test("creates a recovery code, shown once, and replaces it", () =>
  walk("recovery", async (account, _, page) => {
    const first = await account.addRecoveryCode();
    assert.match(first.replace(/[\s-]/g, ""), /^[A-Z0-9]{24}$/);
    await page.reload();
    await account.ready();
    assert.equal((await page.content()).includes(first), false);
    assert.equal(await account.rows("Recovery code").count(), 1);
    assert.notEqual(await account.addRecoveryCode(), first);
    assert.equal(await account.rows("Recovery code").count(), 1, "the new one takes the old one's place");
  }));

test("changes the password: the policy is explained, the old one is history", () =>
  walk("password", async (account, person) => {
    await account.press("Password", "Change password");
    await account.dialog.getByLabel("New password", { exact: true }).fill("short");
    await account.dialog.getByLabel("New password again").fill("short");
    await account.dialog.getByRole("button", { name: "Change password" }).click();
    await account.dialog.getByText("does not meet the requirements").waitFor();
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    await account.dialog.waitFor({ state: "hidden" });
    await account.changePassword("Another-Lantern-58");
    await assert.rejects(signIn(here.server, person), /400/);
    assert.ok((await signIn(here.server, { ...person, password: "Another-Lantern-58" })).access_token);
    await notice(person, /password/i);
  }));

test("the keyboard alone is enough, and the focus is never lost", () =>
  walk("keys", async (account, _, page) => {
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
    const tabTo = async (name) => {
      for (let presses = 0; presses < 60; presses += 1) {
        if ((await focused()) === name) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`Tab never reached "${name}"`);
    };
    await tabTo("Add authenticator app");
    await page.keyboard.press("Enter");
    await account.dialog.getByLabel("6-digit code").waitFor();
    assert.ok(
      await page.evaluate(() => document.activeElement.closest("dialog")),
      "the focus moves into the dialog",
    );
    await account.dialog.getByLabel("6-digit code").focus();
    await page.keyboard.type(await account.appCode());
    await page.keyboard.press("Enter");
    await account.rows("Authenticator app").waitFor();
    assert.ok(
      await page.evaluate(() => document.activeElement !== document.body),
      "the focus comes back to the page",
    );
    await tabTo("Remove Authenticator app");
    await page.keyboard.press("Enter");
    await account.dialog.waitFor();
    await tabTo("Remove");
    await page.keyboard.press("Enter");
    await account.rows("Authenticator app").waitFor({ state: "detached" });
    assert.ok(await page.evaluate(() => document.activeElement !== document.body));
  }));

test("keeps its tokens out of storage and address, and logs out", () =>
  walk("leaving", async (_, __, page) => {
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.doesNotMatch(kept, /eyJ/);
    assert.equal(new URL(page.url()).search, "");
    await page.getByRole("button", { name: "Log out" }).click();
    await onScreen(page, "Welcome");
    await page.goto(`${here.server.origin}/account`);
    await onScreen(page, "Welcome");
  }));

test("a session that ended meanwhile leads back to the login, not to an error", () =>
  walk("away", async (account, person, page) => {
    const week = 8 * 24 * 3600;
    await here.server.advance(week);
    await page.clock.setSystemTime(Date.now() + week * 1000);
    await account.factor("Authenticator app").getByRole("button").first().click();
    await onScreen(page, "Welcome");
    await account.page.fill("#username", person.email);
  }));
