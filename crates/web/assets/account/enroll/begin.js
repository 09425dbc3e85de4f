/**
 * The first step of an enrolment that needs no input: ask the server for a challenge.
 */

import { h } from "../dom.js";
import { explain } from "../problem.js";

/**
 * Shows that something is under way, then resolves to the answer; or shows the refusal, and
 * resolves to nothing. The answer also counts if the dialog was closed meanwhile, so that the
 * caller can take the enrolment back.
 * @template T
 * @param {import("../dialog.js").Dialog} dialog
 * @param {() => Promise<T>} ask
 * @returns {Promise<T | undefined>}
 */
export async function whileBeginning(dialog, ask) {
  dialog.show(h("p", { class: "loading", role: "status" }, "One moment…"));
  try {
    return await ask();
  } catch (error) {
    const close = h("button", { type: "button", class: "button button-outline" }, "Close");
    close.addEventListener("click", () => dialog.close());
    dialog.show(
      h("div", { class: "alert", role: "alert" }, explain(error)),
      h("div", { class: "actions" }, close),
    );
    return undefined;
  }
}
