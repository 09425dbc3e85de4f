// The account page as a person sees it: by the names of things, not by how they are built.

import { onScreen, signInOn } from "./browser.mjs";
import { codeFromUri } from "./totp.mjs";

export class AccountPage {
  /** @param {import("playwright-core").Page} page @param {import("./server.mjs").Server} server */
  constructor(page, server) {
    this.page = page;
    this.server = server;
  }

  /** Opens the page, signing in on the way. */
  async open(person) {
    await this.page.goto(`${this.server.origin}/account`);
    await onScreen(this.page, "Welcome");
    await signInOn(this.page, person);
    await this.ready();
  }

  /** Waits until the list is there. */
  ready() {
    return onScreen(this.page, "Account security");
  }

  /** The part of the page about one kind of method. */
  factor(name) {
    return this.page.getByRole("region", { name, exact: true });
  }

  /** The rows of that part. */
  rows(name) {
    return this.factor(name).getByRole("listitem");
  }

  /** The dialog that is open. */
  get dialog() {
    return this.page.getByRole("dialog");
  }

  /** Presses a button of the page that opens a dialog. */
  async press(factor, button) {
    await this.factor(factor).getByRole("button", { name: button }).click();
    await this.dialog.waitFor();
  }

  /** Presses a button of the dialog and waits for it to close. */
  async finish(button) {
    await this.dialog.getByRole("button", { name: button, exact: true }).click();
    await this.dialog.waitFor({ state: "hidden" });
  }

  /** The code an app shows that was given the key of the open dialog. */
  async appCode() {
    const secret = await this.dialog.locator("#manual-input-code").getAttribute("data-secret");
    return codeFromUri(`otpauth://totp/x?secret=${secret}`, await this.server.now());
  }

  /** Adds an authenticator app. */
  async addApp() {
    await this.press("Authenticator app", /^Add/);
    await this.dialog.getByLabel("6-digit code").fill(await this.appCode());
    await this.finish("Confirm");
  }

  /** Adds an email address with the code from the outbox. */
  async addEmail(email) {
    await this.press("Email", /^Add/);
    await this.dialog.getByLabel("Email address").fill(email);
    await this.dialog.getByRole("button", { name: "Continue" }).click();
    const { code } = await this.server.message(email, (message) => message.code);
    await this.dialog.getByLabel("6-digit code").fill(code);
    await this.finish("Confirm");
  }

  /** Adds a phone with the code from the outbox; `by` is the text of a choice. */
  async addPhone(number, by = "Text message") {
    await this.press("Phone", /^Add/);
    await this.dialog.getByLabel("Phone number").fill(number);
    await this.dialog.getByLabel(by).check();
    await this.dialog.getByRole("button", { name: "Continue" }).click();
    const { code } = await this.server.message(number, (message) => message.code);
    await this.dialog.getByLabel("6-digit code").fill(code);
    await this.finish("Confirm");
  }

  /** The link behind the QR code of the open dialog. */
  enrollmentLink() {
    return this.dialog.locator("#enrollment-link").getAttribute("href");
  }

  /** Creates a recovery code and gives it. */
  async addRecoveryCode() {
    await this.press("Recovery code", /recovery code$/);
    const code = await this.dialog.locator("#recovery-code").innerText();
    await this.dialog.getByLabel("I have saved this code").check();
    await this.finish("Done");
    return code;
  }

  /** Chooses another password. */
  async changePassword(password) {
    await this.press("Password", "Change password");
    await this.dialog.getByLabel("New password", { exact: true }).fill(password);
    await this.dialog.getByLabel("New password again").fill(password);
    await this.finish("Change password");
  }
}
