/**
 * Adding an email address for codes: the address, then a code sent to it.
 */

import { Dialog } from "../dialog.js";
import { announce, h } from "../dom.js";
import { field, form } from "../form.js";
import { abandon, confirmCodeForm } from "./confirm-code.js";
import { resendRow } from "./resend.js";

/** @param {import("../api.js").AccountApi} api */
export async function enrollEmail(api) {
  const dialog = new Dialog("Add email address");
  const ended = dialog.ended();
  const pending = {};
  askAddress(dialog, api, pending);
  const result = await ended;
  if (!result) await abandon(api, pending.id);
  return result;
}

function askAddress(dialog, api, pending) {
  const address = field("Email address", {
    name: "email",
    type: "email",
    autocomplete: "email",
    required: true,
  });
  const enroll = form({
    content: [h("p", {}, "We will send a code to this address whenever you need one to log in."), address],
    submit: "Continue",
    check: () => (address.input.checkValidity() ? null : [address, "Please enter a valid email address."]),
    send: async () => {
      const email = address.input.value.trim();
      const challenge = await api.enroll({ type: "email", email });
      pending.id = challenge.id;
      askCode(dialog, api, email, challenge);
    },
    cancel: () => dialog.close(),
  });
  dialog.show(enroll);
}

function askCode(dialog, api, email, first) {
  let challenge = first;
  const again = async () => {
    challenge = await api.enroll({ type: "email", email });
    return "A new code is on its way. Earlier codes no longer work.";
  };
  dialog.show(
    confirmCodeForm({
      intro: ["We have sent a code to ", h("strong", {}, email), "."],
      verify: async (otp_code) => {
        await api.verify(challenge.id, { auth_session: challenge.auth_session, otp_code });
        dialog.close("Email address added.");
      },
      cancel: () => dialog.close(),
      extra: resendRow(["Send a new code", again]),
    }),
  );
  announce(`We have sent a code to ${email}.`);
}
