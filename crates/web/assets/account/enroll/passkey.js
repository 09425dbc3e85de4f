/**
 * Adding a passkey: the device asks its owner, makes it and proves it.
 */

import { createPasskey, isSupported } from "../../passkey/webauthn.js";
import { Dialog } from "../dialog.js";
import { h } from "../dom.js";
import { form } from "../form.js";
import { whileBeginning } from "./begin.js";

/** The path of an enrolment that has no method yet. */
const NEW = "passkey|new";

/** @param {import("../api.js").AccountApi} api */
export async function enrollPasskey(api) {
  const dialog = new Dialog("Add passkey");
  const ended = dialog.ended();
  if (isSupported()) await offer(dialog, api);
  else refuse(dialog);
  return ended;
}

/**
 * @param {Dialog} dialog
 * @param {import("../api.js").AccountApi} api
 */
async function offer(dialog, api) {
  const begin = () => api.enroll({ type: "passkey", use_exclude_credentials: true });
  // Asked for beforehand: some browsers make a passkey only right after a press of a button.
  let challenge = await whileBeginning(dialog, begin);
  if (!challenge) return;
  dialog.show(
    form({
      content: [
        h("p", {}, "Your browser will ask where to keep the passkey: on this device, in your password manager, on your phone or on a security key."),
        h("p", { class: "hint" }, "You confirm with your fingerprint, face or screen lock. These never leave your device."),
      ],
      submit: "Continue",
      send: async () => {
        const { auth_session, authn_params_public_key: options } = challenge;
        const authn_response = await createPasskey(options);
        // Whatever comes of it, the next try needs a challenge of its own.
        try {
          await api.verify(NEW, { auth_session, authn_response });
        } catch (error) {
          challenge = await begin();
          throw error;
        }
        dialog.close("Passkey added.");
      },
      cancel: () => dialog.close(),
    }),
  );
}

/** @param {Dialog} dialog */
function refuse(dialog) {
  const close = h("button", { type: "button", class: "button button-outline" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.show(
    h("div", { class: "alert" }, "This browser cannot make passkeys. Use a current one, over a secure connection."),
    h("div", { class: "actions" }, close),
  );
}
