/**
 * The last step of an enrolment by code: six digits.
 */

import { h } from "../dom.js";
import { field, form } from "../form.js";

/**
 * @param {object} options
 * @param {(Node | string)[]} options.intro
 * @param {(code: string) => Promise<void>} options.verify
 * @param {() => void} options.cancel
 * @param {HTMLElement} [options.extra] below the field
 */
export function confirmCodeForm({ intro, verify, cancel, extra }) {
  const code = field("6-digit code", {
    name: "code",
    type: "text",
    inputmode: "numeric",
    autocomplete: "one-time-code",
    class: "code-input",
    // Two spaces more than digits: people copy codes as "123 456 ".
    maxlength: 8,
    required: true,
  });
  const digits = () => code.input.value.replace(/\s/g, "");
  return form({
    content: [h("p", {}, ...intro), code, ...(extra ? [extra] : [])],
    submit: "Confirm",
    check: () => (/^[0-9]{6}$/.test(digits()) ? null : [code, "Enter the six digits of the code."]),
    send: () => verify(digits()),
    cancel,
  });
}

/**
 * Takes back an enrolment the person gave up. If that fails, the list shows it as not finished and
 * offers to remove it.
 * @param {import("../api.js").AccountApi} api
 * @param {string | undefined} id
 */
export async function abandon(api, id) {
  if (id) await api.remove(id).catch(() => {});
}
