/**
 * Forms inside dialogs: one or more fields, a main button, and a place for what went wrong.
 */

import { actions } from "./dialog.js";
import { announce, h, uniqueId } from "./dom.js";
import { explain } from "./problem.js";

/**
 * @typedef {object} Field
 * @property {HTMLElement} element label, input and error
 * @property {HTMLInputElement} input
 * @property {(message: string) => void} fail marks the field; an empty message clears it
 */

/**
 * @param {string} label
 * @param {Record<string, unknown>} attributes of the input
 * @param {HTMLElement} [extra] shown below; describes the input if it has an id
 * @returns {Field}
 */
export function field(label, attributes, extra) {
  const id = uniqueId("field");
  const error = h("span", { id: `${id}-error`, class: "field-error", hidden: true });
  const input = h("input", { id, ...attributes });
  const describe = (wrong) => {
    const ids = [wrong && error.id, extra?.id].filter(Boolean);
    if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
    else input.removeAttribute("aria-describedby");
  };
  const fail = (message) => {
    error.textContent = message;
    error.hidden = !message;
    input.setAttribute("aria-invalid", String(Boolean(message)));
    describe(Boolean(message));
  };
  describe(false);
  input.addEventListener("input", () => fail(""));
  const element = h("div", { class: "field" }, h("label", { for: id }, label), input, error, extra);
  return { element, input, fail };
}

/**
 * A form that checks, sends, and shows the server's refusal.
 * @param {object} options
 * @param {(Node | Field)[]} options.content
 * @param {string} options.submit text of the main button
 * @param {string} [options.className] of the main button
 * @param {() => ([Field, string] | null)} [options.check] the first field at fault, before sending
 * @param {() => Promise<void>} options.send
 * @param {() => void} [options.cancel]
 * @returns {HTMLFormElement}
 */
export function form({ content, submit, className = "button-primary", check, send, cancel }) {
  const alert = h("div", { class: "alert", role: "alert", hidden: true });
  const button = h("button", { type: "submit", class: `button ${className}` }, submit);
  const fields = content.filter((part) => !(part instanceof Node));
  let busy = false;

  const refuse = (at, message) => {
    if (!at) {
      alert.textContent = message;
      alert.hidden = false;
      return;
    }
    at.fail(message);
    at.input.focus();
    announce(message);
  };

  const onsubmit = async (event) => {
    event.preventDefault();
    if (busy) return;
    alert.hidden = true;
    const wrong = check?.();
    if (wrong) return refuse(...wrong);
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await send();
    } catch (error) {
      refuse(fields[0], explain(error));
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  };

  const nodes = content.map((part) => (part instanceof Node ? part : part.element));
  return h("form", { novalidate: true, onsubmit }, alert, ...nodes, actions(button, cancel));
}
