/**
 * One authentication method in the list: what it is, and what can be done with it.
 */

import { ApiError } from "./api.js";
import { Dialog, actions } from "./dialog.js";
import { h } from "./dom.js";
import { whileBeginning } from "./enroll/begin.js";
import { kindOf } from "./factors.js";
import { field, form } from "./form.js";
import { date } from "./format.js";
import { explain } from "./problem.js";
import { passkeyIcon } from "./icons.js";

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
      h(
        "p",
        { class: "method-name" },
        method.type === "passkey" && passkeyIcon(method),
        h("strong", {}, label),
        pending && h("span", { class: "tag tag-warn" }, "Not finished"),
        method.type === "passkey" && backupTag(method),
      ),
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

/**
 * Whether losing the device means losing the passkey.
 * @param {import("./types.js").Method} method
 */
function backupTag({ credential_backed_up }) {
  return credential_backed_up
    ? h("span", { class: "tag tag-good" }, "Synced")
    : h("span", { class: "tag" }, "Only on this device");
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
  const { type, confirmed, created_at, last_auth_at, last_password_reset, name, user_agent } = method;
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
  const made = name && user_agent && `with ${user_agent}`;
  const used = last_auth_at && `last used on ${date(last_auth_at)}`;
  const channel = { sms: "Codes by text message", voice: "Codes by call" }[method.preferred_authentication_method];
  const added = [`Added on ${date(created_at)}`, made].filter(Boolean).join(" ");
  return [address, channel, added, used].filter(Boolean).join(" · ");
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
 * Asks the server first, so that the question is only put when the answer can be yes, and names
 * everything that would go.
 * @param {import("./api.js").AccountApi} api
 * @param {import("./types.js").Method} method
 * @param {string} label
 */
async function removeMethod(api, method, label) {
  const pending = method.confirmed === false;
  let also = [];
  try {
    const { removes = [] } = pending ? {} : await api.wouldRemove(method.id);
    also = removes.filter((id) => id !== method.id).map((id) => kindOf(id.split("|")[0]).title.toLowerCase());
  } catch (error) {
    return tellRefusal(label, error);
  }
  const dialog = new Dialog(`Remove ${label}?`);
  const question = pending
    ? "It was never finished, so nothing else changes."
    : "You will no longer be able to log in with it.";
  const ended = dialog.ended();
  dialog.show(
    form({
      content: [
        h("p", {}, question),
        ...(also.length > 0 ? [h("p", {}, `This goes with it: your ${also.join(", your ")}.`)] : []),
      ],
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

/**
 * Says why a method stays, and what to do instead.
 * @param {string} label
 * @param {unknown} error
 */
function tellRefusal(label, error) {
  const isNeeded = error instanceof ApiError && error.status === 409;
  const dialog = new Dialog(isNeeded ? `${label} cannot be removed now` : `Remove ${label}?`);
  const ended = dialog.ended();
  const close = h("button", { type: "button", class: "button button-primary", onclick: () => dialog.close() }, "OK");
  dialog.show(h("p", {}, explain(error)), actions(close));
  return ended;
}
