/**
 * Asking for another code. There is no call to resend: enrolling the same address or number again
 * sends a new one.
 */

import { h } from "../dom.js";
import { explain } from "../problem.js";

/**
 * @param {...[string, () => Promise<string>]} ways text of a button, and what it does; resolves to
 *   what to say
 */
export function resendRow(...ways) {
  const outcome = h("span", { class: "hint", role: "status" });
  const buttons = ways.map(([text, send]) => {
    const button = h("button", { type: "button", class: "button button-plain button-small" }, text);
    button.addEventListener("click", async () => {
      outcome.textContent = "";
      outcome.textContent = await send().catch(explain);
    });
    return button;
  });
  return h("p", { class: "resend" }, ...buttons, outcome);
}
