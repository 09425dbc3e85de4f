// A walk past every page there is, for tools that look at each.

import { AccountPage } from "./account-page.mjs";
import { Authenticator } from "./authenticator.mjs";
import { onScreen, signInOn, submitPrimary } from "./browser.mjs";
import { Device } from "./device.mjs";
import { authorizeUrl, pkce, signUp } from "./oauth.mjs";
import { newPerson } from "./person.mjs";

/**
 * Calls `look` with the name of each page while the browser shows it.
 *
 * @param {import("./server.mjs").Server} server
 * @param {import("playwright-core").Page} page
 * @param {(name: string) => Promise<void>} look
 */
export async function visitAll(server, page, look) {
  const person = newPerson("tourist");
  await signUp(server, person);
  await loginPages(server, page, person, look);
  await resetPages(server, page, person, look);
  await accountPages(server, page, person, look);
  await leavingPages(server, page, look);
}

const start = (server, page, extra = {}) =>
  page.goto(authorizeUrl(server, { challenge: pkce().challenge, ...extra }).href);

async function loginPages(server, page, person, look) {
  await start(server, page);
  await look("login-identifier");
  await page.fill("#username", person.email);
  await submitPrimary(page);
  await look("login-password");
  await page.fill("#password", "wrong");
  await submitPrimary(page);
  await look("login-password-error");
  await start(server, page, { screen_hint: "signup" });
  await look("signup");
  await page.fill("#email", person.email);
  if (!(await page.locator("#password").count())) await submitPrimary(page);
  await page.fill("#password", "short");
  await submitPrimary(page);
  await look("signup-error");
  await page.goto(`${server.origin}/u/login/identifier?state=lost`);
  await look("error");
}

async function resetPages(server, page, person, look) {
  await start(server, page, { login_hint: person.email });
  await submitPrimary(page);
  await page.locator(".ulp-forgot-password-link a").click();
  await onScreen(page, "Forgot Your Password?");
  await look("reset-request");
  await page.fill("input[name=email], input[name=username]", person.email);
  await submitPrimary(page);
  await look("reset-email");
  const { link } = await server.message(person.email, (message) => message.link?.includes("reset"));
  await page.goto(link);
  await look("reset-change");
  await page.fill("#password-reset", person.password);
  await page.fill("#re-enter-password", "different");
  await submitPrimary(page);
  await look("reset-change-error");
  person.password = "Another-Lantern-58";
  await page.fill("#password-reset", person.password);
  await page.fill("#re-enter-password", person.password);
  await submitPrimary(page);
  await look("reset-done");
  await page.goto(`${server.origin}/dev/outbox`);
  await look("outbox");
}

async function accountPages(server, page, person, look) {
  const account = new AccountPage(page, server);
  const authenticator = await Authenticator.plugIn(page);
  await page.goto(`${server.origin}/account`);
  await onScreen(page, "Welcome");
  await signInOn(page, person);
  await onScreen(page, "Create a Passkey");
  await look("passkey-enrollment");
  await page.getByRole("button", { name: "Continue without passkeys" }).click();
  await account.ready();
  await look("account-empty");
  await account.press("Passkeys", /^Add/);
  await look("account-add-passkey");
  await account.finish("Continue");
  await authenticator.unplug();
  await account.press("Authenticator app", /^Add/);
  await account.dialog.getByLabel("6-digit code").waitFor();
  await look("account-add-app");
  await account.dialog.getByText("Can’t scan the code?").click();
  await account.dialog.getByLabel("6-digit code").fill("000000");
  await account.dialog.getByRole("button", { name: "Confirm" }).click();
  await account.dialog.getByText("That code is not right").waitFor();
  await look("account-add-app-error");
  await account.dialog.getByLabel("6-digit code").fill(await account.appCode());
  await account.finish("Confirm");
  await account.addEmail(newPerson("second").email);
  await phonePages(account, look);
  await pushPages(server, account, look);
  await account.press("Recovery code", /recovery code$/);
  await account.dialog.locator("#recovery-code").waitFor();
  await look("account-recovery-code");
  await account.dialog.getByLabel("I have saved this code").check();
  await account.finish("Done");
  await look("account-full");
  await account.press("Password", "Change password");
  await account.dialog.getByLabel("New password", { exact: true }).waitFor();
  await look("account-password");
  await account.dialog.getByRole("button", { name: "Cancel" }).click();
  await account.press("Authenticator app", /^Rename/);
  await look("account-rename");
  await account.dialog.getByRole("button", { name: "Cancel" }).click();
  await account.press("Authenticator app", /^Remove/);
  await look("account-remove");
  await account.dialog.getByRole("button", { name: "Cancel" }).click();
  const { link } = await server.message(person.email, ({ link }) => link?.includes("objection"));
  await page.goto(link);
  await look("objection");
  await submitPrimary(page);
  await look("objection-done");
  await page.goto(link);
  await look("status");
}

async function phonePages(account, look) {
  await account.press("Phone", /^Add/);
  await account.dialog.getByLabel("Phone number").fill("12345");
  await account.dialog.getByRole("button", { name: "Continue" }).click();
  await account.dialog.getByText("not a valid phone number").waitFor();
  await look("account-add-phone-error");
  await account.dialog.getByLabel("Phone number").fill("+15005550006");
  await account.dialog.getByRole("button", { name: "Continue" }).click();
  await account.dialog.getByLabel("6-digit code").waitFor();
  await look("account-phone-code");
  await account.dialog.getByRole("button", { name: "Cancel" }).click();
  await account.dialog.waitFor({ state: "hidden" });
  await account.addPhone("+15005550007", "Call");
}

async function pushPages(server, account, look) {
  await account.press("Push notification", /^Add/);
  await account.dialog.getByRole("img", { name: /QR/ }).waitFor();
  await look("account-add-device");
  await account.dialog.getByText("Can’t scan the code?").click();
  await look("account-add-device-link");
  await Device.enroll(server, await account.enrollmentLink());
  await account.dialog.waitFor({ state: "hidden" });
}

async function leavingPages(server, page, look) {
  await page.goto(`${server.origin}/oidc/logout`);
  await look("logout");
}
