// What keeps people from locking themselves out, and strangers from staying in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { onScreen, submitPrimary, withPage } from "../lib/browser.mjs";
import { signIn, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { createDatabase, skipPostgres } from "../lib/postgres.mjs";
import { startServer } from "../lib/server.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

/** A new person on their account page. */
async function opened(page, server, name) {
  const person = newPerson(name);
  await signUp(server, person);
  const account = new AccountPage(page, server);
  await account.open(person);
  return { person, account };
}

/** The link to object in the mail about a change. */
async function objectionLink(server, person, pattern) {
  const about = ({ subject, link }) => link?.includes("/u/objection") && pattern.test(subject);
  return (await server.message(person.email, about)).link;
}

test("a removal names what goes with it before it is asked for", () =>
  withPage(here.browser, {}, async (page) => {
    const { account } = await opened(page, here.server, "together");
    await account.addApp();
    await account.addRecoveryCode();
    await account.press("Authenticator app", /^Remove/);
    await account.dialog.getByText("This goes with it: your recovery code.").waitFor();
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    assert.equal(await account.rows("Recovery code").count(), 1, "asking changed nothing");
    await account.press("Recovery code", /^Remove/);
    assert.equal(await account.dialog.getByText("goes with it").count(), 0);
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    await account.press("Authenticator app", /^Remove/);
    await account.finish("Remove");
    await account.rows("Authenticator app").waitFor({ state: "detached" });
    assert.equal(await account.rows("Recovery code").count(), 0);
  }));

test("a removal that would lock somebody out is explained, not offered", { skip: skipPostgres }, async () => {
  const database = await createDatabase();
  const server = await startServer({ database: database.url });
  try {
    await withPage(here.browser, {}, async (page) => {
      const { account } = await opened(page, server, "careful");
      await account.addApp();
      await account.addRecoveryCode();
      await database.sql(
        `UPDATE tenants SET version = version + 1,
         settings = (settings::jsonb || '{"mfa_policy": "all-applications"}')::text`,
      );
      await server.advance(2);
      await account.press("Authenticator app", /^Remove/);
      await account.dialog.getByRole("heading", { name: "Authenticator app cannot be removed now" }).waitFor();
      await account.dialog.getByText("Add another second factor first, then remove this one.").waitFor();
      assert.equal(await account.dialog.getByRole("button", { name: "Remove" }).count(), 0);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await account.dialog.waitFor({ state: "hidden" });
      await account.addEmail(newPerson("second").email);
      await account.press("Authenticator app", /^Remove/);
      await account.finish("Remove");
      await account.rows("Authenticator app").waitFor({ state: "detached" });
      assert.equal(await account.rows("Recovery code").count(), 1, "the mailbox is a second factor, too");
    });
  } finally {
    await server.stop();
    await database.drop();
  }
});

for (const javaScriptEnabled of [true, false])
  test(`"this was not me" undoes a change, JavaScript ${javaScriptEnabled ? "on" : "off"}`, () =>
    withPage(here.browser, {}, async (strangers) => {
      const { person, account } = await opened(strangers, here.server, "objector");
      await account.addApp();
      const link = await objectionLink(here.server, person, /authenticator app was added/i);
      await withPage(here.browser, { javaScriptEnabled }, async (page) => {
        await page.goto(link);
        await onScreen(page, "Was This Not You?");
        await page.getByText("An authenticator app was added to your account.").waitFor();
        await page.getByText(/Chrome [0-9.]+ \/ Linux/).waitFor();
        await account.ready(); // opening the link ended nothing
        assert.equal((await submitPrimary(page)).status(), 200);
        await onScreen(page, "Everybody Is Logged Out");
        await page.getByRole("link", { name: "Choose a new password" }).click();
        await onScreen(page, "Change Your Password");
        const password = "Another-Lantern-58";
        await page.fill("#password-reset", password);
        await page.fill("#re-enter-password", password);
        await submitPrimary(page);
        await onScreen(page, "Password Changed");
        await assert.rejects(signIn(here.server, person), /400/);
        assert.ok((await signIn(here.server, { ...person, password })).access_token);
        await page.goto(link);
        await onScreen(page, "This Link Does Not Work");
      });
      await strangers.reload();
      await onScreen(strangers, "Welcome");
    }));

test("a new password of somebody else's stops working at once", () =>
  withPage(here.browser, {}, async (page) => {
    const { person, account } = await opened(page, here.server, "robbed");
    const theirs = { ...person, password: "Another-Lantern-58" };
    await account.changePassword(theirs.password);
    assert.ok((await signIn(here.server, theirs)).access_token);
    await page.goto(await objectionLink(here.server, person, /password was changed/i));
    await onScreen(page, "Was This Not You?");
    await submitPrimary(page);
    await onScreen(page, "Everybody Is Logged Out");
    for (const whoever of [theirs, person]) await assert.rejects(signIn(here.server, whoever), /400/);
  }));
