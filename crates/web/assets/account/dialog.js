/**
 * Modal dialogs. The browser keeps the focus inside and closes on Escape; this module names the
 * dialog, moves the focus with each step and says how the dialog ended.
 */

import { h, uniqueId } from "./dom.js";

/** A dialog whose content changes step by step. */
export class Dialog {
  #element;
  #body = h("div", { class: "dialog-body" });
  #closed = false;
  #result;

  /** @param {string} title */
  constructor(title) {
    const id = uniqueId("dialog");
    const close = h("button", { type: "button", class: "dialog-close", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => this.close());
    this.#element = h(
      "dialog",
      { class: "dialog", "aria-labelledby": id },
      h("header", { class: "dialog-header" }, h("h2", { id, tabindex: -1 }, title), close),
      this.#body,
    );
    this.#element.addEventListener("close", () => (this.#closed = true));
  }

  /**
   * Shows a step. The focus goes to the first text field if the step is a form to fill in, else to
   * the title, so that the step is read from its start and nothing scrolls past. Does nothing once
   * the dialog was closed: an answer may arrive after the person gave up.
   * @param {...Node} content
   */
  show(...content) {
    if (this.#closed) return;
    this.#body.replaceChildren(...content);
    if (!this.#element.open) {
      document.body.append(this.#element);
      this.#element.showModal();
    }
    /** @type {HTMLInputElement | null} */
    const first = this.#body.querySelector("form:first-child input:not([type=checkbox])");
    (first ?? this.#element.querySelector("h2")).focus();
  }

  /**
   * Ends the dialog.
   * @param {unknown} [result] what `ended` resolves to; undefined means given up
   */
  close(result) {
    this.#result = result;
    this.#element.close();
  }

  /** @returns {Promise<any>} settles when the dialog is closed in any way */
  ended() {
    return new Promise((resolve) => {
      this.#element.addEventListener("close", () => {
        this.#element.remove();
        resolve(this.#result);
      });
    });
  }
}

/**
 * The row of buttons at the end of a step: what the step is for, and a way out.
 * @param {HTMLButtonElement} main
 * @param {() => void} [cancel]
 */
export function actions(main, cancel) {
  return h(
    "div",
    { class: "actions" },
    cancel && h("button", { type: "button", class: "button button-plain", onclick: cancel }, "Cancel"),
    main,
  );
}
