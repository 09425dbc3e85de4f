/**
 * Adding a phone for codes: the number and how to reach it, then a code sent to it.
 */

import { Dialog } from "../dialog.js";
import { announce, h, uniqueId } from "../dom.js";
import { field, form } from "../form.js";
import { abandon, confirmCodeForm } from "./confirm-code.js";
import { resendRow } from "./resend.js";

/** How a code reaches a phone, and how that is said. */
const CHANNELS = {
  sms: { choice: "Text message", sent: "We have sent a code to ", again: "Text me a new code" },
  voice: { choice: "Call", sent: "We are calling ", again: "Call me with a new code" },
};

/** @param {import("../api.js").AccountApi} api */
export async function enrollPhone(api) {
  const dialog = new Dialog("Add phone");
  const ended = dialog.ended();
  const pending = {};
  askNumber(dialog, api, pending);
  const result = await ended;
  if (!result) await abandon(api, pending.id);
  return result;
}

function askNumber(dialog, api, pending) {
  const hint = h(
    "p",
    { class: "hint", id: uniqueId("hint") },
    "Begin with + and the country code, such as +1 202 555 0100.",
  );
  const number = field(
    "Phone number",
    { name: "phone", type: "tel", autocomplete: "tel", inputmode: "tel", maxlength: 40, required: true },
    hint,
  );
  const channel = channelChoice();
  dialog.show(
    form({
      content: [number, channel.element],
      submit: "Continue",
      check: () => (number.input.value.trim() ? null : [number, "Please enter a phone number."]),
      send: async () => {
        const enrollment = {
          type: "phone",
          phone_number: number.input.value.trim(),
          preferred_authentication_method: channel.chosen(),
        };
        const challenge = await api.enroll(enrollment);
        pending.id = challenge.id;
        askCode(dialog, api, enrollment, challenge);
      },
      cancel: () => dialog.close(),
    }),
  );
}

/** Two radio buttons under a question. */
function channelChoice() {
  const name = uniqueId("channel");
  const options = Object.entries(CHANNELS).map(([value, { choice }]) => {
    const id = uniqueId("option");
    const input = h("input", { type: "radio", id, name, value, checked: value === "sms" });
    return { input, element: h("div", { class: "option" }, input, h("label", { for: id }, choice)) };
  });
  const chosen = () => options.find(({ input }) => input.checked).input.value;
  const element = h(
    "fieldset",
    { class: "field options" },
    h("legend", {}, "How should codes reach you?"),
    ...options.map((option) => option.element),
  );
  return { element, chosen };
}

function askCode(dialog, api, enrollment, first) {
  let challenge = first;
  const { phone_number: number, preferred_authentication_method: channel } = enrollment;
  const again = (by) => [
    CHANNELS[by].again,
    async () => {
      challenge = await api.enroll({ ...enrollment, preferred_authentication_method: by });
      return "A new code is on its way. Earlier codes no longer work.";
    },
  ];
  const other = channel === "sms" ? "voice" : "sms";
  dialog.show(
    confirmCodeForm({
      intro: [CHANNELS[channel].sent, h("strong", {}, number), "."],
      verify: async (otp_code) => {
        await api.verify(challenge.id, { auth_session: challenge.auth_session, otp_code });
        dialog.close("Phone added.");
      },
      cancel: () => dialog.close(),
      extra: resendRow(again(channel), again(other)),
    }),
  );
  announce(`${CHANNELS[channel].sent}${number}.`);
}
