/**
 * Adding an authenticator app: scan or type the secret, then prove it with a code.
 */

import { copyButton } from "../copy-button.js";
import { Dialog } from "../dialog.js";
import { h } from "../dom.js";
import { qrSvg } from "../qr-svg.js";
import { whileBeginning } from "./begin.js";
import { abandon, confirmCodeForm } from "./confirm-code.js";

/** @param {import("../api.js").AccountApi} api */
export async function enrollTotp(api) {
  const dialog = new Dialog("Add authenticator app");
  const ended = dialog.ended();
  const challenge = await whileBeginning(dialog, () => api.enroll({ type: "totp" }));
  if (challenge) showSecret(dialog, api, challenge);
  const result = await ended;
  if (challenge && !result) await abandon(api, challenge.id);
  return result;
}

/**
 * @param {Dialog} dialog
 * @param {import("../api.js").AccountApi} api
 * @param {import("../types.js").Challenge} challenge
 */
function showSecret(dialog, api, { id, auth_session, barcode_uri, manual_input_code }) {
  const secret = manual_input_code ?? new URL(barcode_uri).searchParams.get("secret");
  const manual = h(
    "details",
    { class: "manual" },
    h("summary", {}, "Can’t scan the code?"),
    h("p", { class: "hint" }, "Enter this key in your app instead. Choose “time based” if asked."),
    h(
      "div",
      { class: "copyable" },
      h("code", { class: "code", id: "manual-input-code", "data-secret": secret }, inGroups(secret)),
      copyButton(secret, "key"),
    ),
  );
  const steps = h(
    "ol",
    { class: "steps" },
    h("li", {}, "Open an authenticator app on your phone."),
    h("li", {}, "Scan this code with it."),
  );
  const confirm = confirmCodeForm({
    intro: ["Then enter the code that the app shows."],
    verify: async (otp_code) => {
      await api.verify(id, { auth_session, otp_code });
      dialog.close("Authenticator app added.");
    },
    cancel: () => dialog.close(),
  });
  dialog.show(steps, qrSvg(barcode_uri, "QR code for your authenticator app"), manual, confirm);
}

/** @param {string} secret */
function inGroups(secret) {
  return secret.replace(/(.{4})(?=.)/g, "$1 ");
}
