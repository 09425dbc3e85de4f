/**
 * Setting or changing the password.
 */

import { Dialog } from "../dialog.js";
import { h, uniqueId } from "../dom.js";
import { field, form } from "../form.js";
import { passwordRules } from "../password-rules.js";
import { whileBeginning } from "./begin.js";

/** @param {import("../api.js").AccountApi} api */
export async function enrollPassword(api) {
  const dialog = new Dialog("Choose a new password");
  const ended = dialog.ended();
  const challenge = await whileBeginning(dialog, () => api.enroll({ type: "password" }));
  if (challenge) askPassword(dialog, api, challenge);
  return ended;
}

/**
 * @param {Dialog} dialog
 * @param {import("../api.js").AccountApi} api
 * @param {import("../types.js").Challenge} challenge
 */
function askPassword(dialog, api, { id, auth_session, policy }) {
  const rules = policy ? passwordRules(policy) : [];
  const list = rulesList(rules);
  const attributes = { type: "password", autocomplete: "new-password", required: true, maxlength: 256 };
  const first = field("New password", { name: "new-password", ...attributes }, list.element);
  const second = field("New password again", { name: "new-password-again", ...attributes });
  first.input.addEventListener("input", () => list.update(first.input.value));
  dialog.show(
    form({
      content: [first, second, showPasswords([first.input, second.input])],
      submit: "Change password",
      check: () => {
        const password = first.input.value;
        if (!password) return [first, "Please enter a new password."];
        const broken = rules.find((rule) => rule.met && !rule.met(password));
        if (broken) return [first, `This password does not meet the requirements: ${broken.text}.`];
        return password === second.input.value ? null : [second, "The two passwords do not match."];
      },
      send: async () => {
        await api.verify(id, { auth_session, new_password: first.input.value });
        dialog.close("Password changed.");
      },
      cancel: () => dialog.close(),
    }),
  );
}

/** @param {import("../password-rules.js").Rule[]} rules */
function rulesList(rules) {
  const items = rules.map((rule) => h("li", {}, rule.text));
  const update = (password) =>
    items.forEach((item, at) => {
      item.dataset.met = String(Boolean(password && rules[at].met?.(password)));
    });
  const element = h(
    "div",
    { class: "rules", id: uniqueId("rules") },
    h("p", {}, "Your password must have or be:"),
    h("ul", {}, ...items),
  );
  element.hidden = items.length === 0;
  return { element, update };
}

/** @param {HTMLInputElement[]} inputs */
function showPasswords(inputs) {
  const show = field("Show passwords", { type: "checkbox" });
  show.element.classList.add("field-check");
  show.input.addEventListener("change", () => {
    inputs.forEach((input) => (input.type = show.input.checked ? "text" : "password"));
  });
  return show.element;
}
