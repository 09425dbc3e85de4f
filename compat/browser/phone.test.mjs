// Phones and devices on the account page, by a person with a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountPage } from "../lib/account-page.mjs";
import { withPage } from "../lib/browser.mjs";
import { Device } from "../lib/device.mjs";
import { signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

let last = 5550100;
const newNumber = () => `+1202${(last += 1)}`;

/** A new person on their account page. */
const walk = (name, steps) =>
  withPage(here.browser, {}, async (page) => {
    const person = newPerson(name);
    await signUp(here.server, person);
    const account = new AccountPage(page, here.server);
    await account.open(person);
    await steps(account, page);
  });

const codesTo = (number, channel) =>
  here.server
    .outbox(number)
    .then((messages) => messages.filter((message) => message.channel === channel).map(({ code }) => code));

test("adds a phone with the code of a text message", () =>
  walk("texted", async (account, page) => {
    const number = newNumber();
    await account.press("Phone", "Add phone");
    await account.dialog.getByLabel("Phone number").fill("0202 555 0199");
    await account.dialog.getByRole("button", { name: "Continue" }).click();
    await account.dialog.getByText("Include the country code").waitFor();
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    await account.dialog.waitFor({ state: "hidden" });
    await account.addPhone(number);
    await page.getByText("Phone added.").first().waitFor();
    await account.rows("Phone").locator("strong").getByText(number).waitFor();
    await account.press("Phone", "Add another");
    await account.dialog.getByLabel("Phone number").fill(number);
    await account.dialog.getByRole("button", { name: "Continue" }).click();
    await account.dialog.getByText("already one of your sign-in methods").waitFor();
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
  }));

test("a call, another code, and back to text messages", () =>
  walk("called", async (account, page) => {
    const number = newNumber();
    await account.press("Phone", "Add phone");
    await account.dialog.getByLabel("Phone number").fill(number);
    await account.dialog.getByLabel("Call").check();
    await account.dialog.getByRole("button", { name: "Continue" }).click();
    await account.dialog.getByText(`We are calling ${number}`).waitFor();
    const [first] = await codesTo(number, "voice");
    await account.dialog.getByRole("button", { name: "Text me a new code" }).click();
    await account.dialog.getByText("Earlier codes no longer work").waitFor();
    const [second] = await codesTo(number, "sms");
    if (first !== second) {
      await account.dialog.getByLabel("6-digit code").fill(first);
      await account.dialog.getByRole("button", { name: "Confirm" }).click();
      await account.dialog.getByText("That code is not right").waitFor();
    }
    await account.dialog.getByLabel("6-digit code").fill(second);
    await account.finish("Confirm");
    await account.rows("Phone").getByText("Codes by text message").waitFor();
    await account.rows("Phone").getByRole("button", { name: /^Prefer calls/ }).click();
    await account.rows("Phone").getByText("Codes by call").waitFor();
    await page.getByText("Codes will reach you by call.").first().waitFor();
  }));

test("closing the dialog leaves no number half-added", () =>
  walk("undecided", async (account, page) => {
    await account.press("Phone", "Add phone");
    await account.dialog.getByLabel("Phone number").fill(newNumber());
    await account.dialog.getByRole("button", { name: "Continue" }).click();
    await account.dialog.getByLabel("6-digit code").waitFor();
    const takenBack = page.waitForResponse((response) => response.request().method() === "DELETE");
    await page.keyboard.press("Escape");
    assert.equal((await takenBack).status(), 204);
    assert.equal(await account.rows("Phone").count(), 0);
  }));

test("adds a device: the page notices when the app has scanned the code", () =>
  walk("device", async (account, page) => {
    await account.press("Push notification", "Add a device");
    await account.dialog.getByRole("img", { name: /QR/ }).waitFor();
    await account.dialog.getByText("Waiting for your phone").waitFor();
    const device = await Device.enroll(here.server, await account.enrollmentLink());
    await account.dialog.waitFor({ state: "hidden" });
    await page.getByText("Device added.").first().waitFor();
    await account.rows("Push notification").locator("strong").getByText("Test phone").waitFor();
    assert.equal((await device.leave()).status, 204);
    await page.reload();
    await account.ready();
    assert.equal(await account.rows("Push notification").count(), 0);
  }));

test("the link works without the picture, and a device that was quicker than the page stays", () =>
  walk("link", async (account, page) => {
    await account.press("Push notification", "Add a device");
    await account.dialog.getByText("Can’t scan the code?").click();
    await account.dialog.getByRole("link", { name: "Open in the app" }).waitFor();
    await Device.enroll(here.server, await account.enrollmentLink());
    await page.keyboard.press("Escape");
    await account.rows("Push notification").locator("strong").getByText("Test phone").waitFor();
  }));

test("a code nobody scanned ends, and another one is offered", () =>
  walk("late", async (account) => {
    await account.press("Push notification", "Add a device");
    const first = await account.enrollmentLink();
    await here.server.advance(301);
    await account.dialog.getByText("no longer valid").waitFor();
    await account.dialog.getByRole("button", { name: "Show a new code" }).click();
    await account.dialog.getByRole("img", { name: /QR/ }).waitFor();
    assert.notEqual(await account.enrollmentLink(), first);
    await account.dialog.getByRole("button", { name: "Cancel" }).click();
    await account.dialog.waitFor({ state: "hidden" });
    assert.equal(await account.rows("Push notification").count(), 0);
  }));

test("the page says that a recovery code is left", () =>
  walk("left", async (account) => {
    await account.addRecoveryCode();
    await account.rows("Recovery code").getByText("not used yet").waitFor();
  }));
