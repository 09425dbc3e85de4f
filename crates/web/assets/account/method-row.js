/**
 * One authentication method in the list: what it is, and what can be done with it.
 */

import { Dialog } from "./dialog.js";
import { h } from "./dom.js";
import { whileBeginning } from "./enroll/begin.js";
import { kindOf } from "./factors.js";
import { field, form } from "./form.js";
import { date } from "./format.js";

/**
 * @typedef {(work: () => Promise<string | undefined>) => void} Run does something in a dialog, then
 *   brings the list up to date and says what happened
 */

/**
 * @param {import("./api.js").AccountApi} api
 * @param {import("./types.js").Method} method
 * @param {Run} run
 */
export function methodRow(api, method, run) {
  const kind = kindOf(method.type);
  const label = methodLabel(method);
  const pending = method.confirmed === false;
  const button = (text, key, work) =>
    h(
      "button",
      { type: "button", class: "button button-plain button-small", "data-focus": key, onclick: () => run(work) },
      text,
      h("span", { class: "visually-hidden" }, ` ${label}`),
    );
  return h(
    "li",
    { class: "method", "data-method": method.id },
    h(
      "div",
      { class: "method-text" },
      h("p", {}, h("strong", {}, label), pending && h("span", { class: "tag tag-warn" }, "Not finished")),
      h("p", { class: "hint" }, methodHistory(method)),
    ),
    h(
      "div",
      { class: "method-actions" },
      method.type === "phone" && !pending && channelButton(api, method, button),
      kind.named && !pending && button("Rename", `rename ${method.id}`, () => renameMethod(api, method)),
      button("Remove", `remove ${method.id}`, () => removeMethod(api, method, label)),
    ),
  );
}

/** Codes for a phone reach it by the other way from then on. */
function channelButton(api, method, button) {
  const [other, text, done] =
    method.preferred_authentication_method === "voice"
      ? ["sms", "Prefer texts", "Codes will reach you by text message."]
      : ["voice", "Prefer calls", "Codes will reach you by call."];
  return button(text, `channel ${method.id}`, async () => {
    const dialog = new Dialog("Codes for this phone");
    const ended = dialog.ended();
    if (await whileBeginning(dialog, () => api.prefer(method.id, other))) dialog.close(done);
    return ended;
  });
}

/** @param {import("./types.js").Method} method */
export function methodLabel({ type, name, email, phone_number, user_agent }) {
  const generic = { totp: "Authenticator app", passkey: "Passkey", "recovery-code": "Recovery code" };
  return name || email || phone_number || user_agent || generic[type] || kindOf(type).title;
}

/**
 * What happened with it so far.
 * @param {import("./types.js").Method} method
 */
export function methodHistory(method) {
  const { type, confirmed, created_at, last_auth_at, last_password_reset, name } = method;
  if (confirmed === false) return `Started on ${date(created_at)}. It cannot be used yet.`;
  if (type === "password") {
    return last_password_reset ? `Last changed on ${date(last_password_reset)}` : `Set on ${date(created_at)}`;
  }
  if (type === "recovery-code") {
    return last_auth_at
      ? `One code left, unused. The one before it was used on ${date(last_auth_at)}.`
      : `One code, created on ${date(created_at)} and not used yet.`;
  }
  const address = name && (method.email || method.phone_number);
  const used = last_auth_at && `last used on ${date(last_auth_at)}`;
  const channel = { sms: "Codes by text message", voice: "Codes by call" }[method.preferred_authentication_method];
  return [address, channel, `Added on ${date(created_at)}`, used].filter(Boolean).join(" · ");
}

/**
 * @param {import("./api.js").AccountApi} api
 * @param {import("./types.js").Method} method
 */
async function renameMethod(api, method) {
  const dialog = new Dialog("Rename");
  const name = field("Name", {
    name: "name",
    type: "text",
    value: method.name ?? "",
    maxlength: 100,
    autocomplete: "off",
    required: true,
  });
  const ended = dialog.ended();
  dialog.show(
    form({
      content: [name],
      submit: "Save",
      check: () => (name.input.value.trim() ? null : [name, "Please enter a name."]),
      send: async () => {
        await api.rename(method.id, name.input.value.trim());
        dialog.close("Renamed.");
      },
      cancel: () => dialog.close(),
    }),
  );
  name.input.select();
  return ended;
}

/**
 * @param {import("./api.js").AccountApi} api
 * @param {import("./types.js").Method} method
 * @param {string} label
 */
async function removeMethod(api, method, label) {
  const dialog = new Dialog(`Remove ${label}?`);
  const question =
    method.confirmed === false
      ? "It was never finished, so nothing else changes."
      : "You will no longer be able to log in with it. Make sure that you have another way in.";
  const ended = dialog.ended();
  dialog.show(
    form({
      content: [h("p", {}, question)],
      submit: "Remove",
      className: "button-danger",
      send: async () => {
        await api.remove(method.id);
        dialog.close(`${label} removed.`);
      },
      cancel: () => dialog.close(),
    }),
  );
  return ended;
}
