/**
 * Adding a device for push messages: an app scans a code, and this page waits until it has.
 */

import { ApiError } from "../api.js";
import { copyButton } from "../copy-button.js";
import { Dialog } from "../dialog.js";
import { announce, h } from "../dom.js";
import { explain } from "../problem.js";
import { qrSvg } from "../qr-svg.js";
import { whileBeginning } from "./begin.js";
import { abandon } from "./confirm-code.js";

/** Often enough to feel live, seldom enough for the server's limits. */
const ASK_EVERY_MS = 4000;

/** @param {import("../api.js").AccountApi} api */
export async function enrollPush(api) {
  const dialog = new Dialog("Add a device");
  const pending = {};
  let open = true;
  const ended = dialog.ended().finally(() => (open = false));
  await begin(dialog, api, pending, () => open);
  const result = await ended;
  if (result || !pending.challenge) return result;
  // The device may have finished since this page last asked; then it stays.
  if (await isFinished(api, pending.challenge).catch(() => false)) return ADDED;
  await abandon(api, pending.challenge.id);
  return undefined;
}

const ADDED = "Device added.";

async function begin(dialog, api, pending, isOpen) {
  const challenge = await whileBeginning(dialog, () => api.enroll({ type: "push-notification" }));
  if (!challenge) return;
  pending.challenge = challenge;
  showCode(dialog, challenge);
  waitForDevice(dialog, api, pending, isOpen);
}

/**
 * @param {Dialog} dialog
 * @param {import("../types.js").Challenge} challenge
 */
function showCode(dialog, { barcode_uri }) {
  const cancel = h("button", { type: "button", class: "button button-plain" }, "Cancel");
  cancel.addEventListener("click", () => dialog.close());
  dialog.show(
    h(
      "ol",
      { class: "steps" },
      h("li", {}, "Open the app that you approve logins with on your phone."),
      h("li", {}, "Scan this code with it."),
    ),
    qrSvg(barcode_uri, "QR code for the app on your phone"),
    h(
      "details",
      { class: "manual" },
      h("summary", {}, "Can’t scan the code?"),
      h("p", { class: "hint" }, "On the phone itself, open this link. Elsewhere, copy it into the app."),
      h("p", {}, h("a", { href: barcode_uri, id: "enrollment-link" }, "Open in the app")),
      h("div", { class: "copyable" }, h("code", { class: "code code-long" }, barcode_uri), copyButton(barcode_uri, "link")),
    ),
    h("p", { class: "waiting", role: "status" }, "Waiting for your phone…"),
    h("div", { class: "actions" }, cancel),
  );
}

async function waitForDevice(dialog, api, pending, isOpen) {
  const { challenge } = pending;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    if (!isOpen()) return;
    try {
      if (await isFinished(api, challenge)) return dialog.close(ADDED);
    } catch (error) {
      // What passes by itself is waited out: a lost connection, a full minute.
      const passes = error instanceof ApiError && (error.status === 0 || error.status === 429);
      if (!passes) return isOpen() && showEnd(dialog, api, pending, isOpen, error);
    }
  }
}

/**
 * Whether the device has enrolled.
 * @param {import("../api.js").AccountApi} api
 * @param {import("../types.js").Challenge} challenge
 */
async function isFinished(api, { id, auth_session }) {
  try {
    await api.verify(id, { auth_session });
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.problem.error === "authorization_pending") return false;
    throw error;
  }
}

function showEnd(dialog, api, pending, isOpen, error) {
  const again = h("button", { type: "button", class: "button button-primary" }, "Show a new code");
  again.addEventListener("click", () => begin(dialog, api, pending, isOpen));
  const close = h("button", { type: "button", class: "button button-plain" }, "Cancel");
  close.addEventListener("click", () => dialog.close());
  const text = error.problem?.error === "expired_token" ? "This code is no longer valid." : explain(error);
  dialog.show(h("div", { class: "alert", role: "alert" }, text), h("div", { class: "actions" }, close, again));
  announce(text);
}
