/**
 * A button that puts a text on the clipboard.
 */

import { announce, h } from "./dom.js";

/**
 * @param {string} text
 * @param {string} what "key", "code"
 */
export function copyButton(text, what) {
  const label = h("span", {}, "Copy");
  const button = h(
    "button",
    { type: "button", class: "button button-outline button-small" },
    label,
    h("span", { class: "visually-hidden" }, ` ${what}`),
  );
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = "Copied";
      announce(`The ${what} has been copied.`);
    } catch {
      announce(`The ${what} could not be copied. Please select it and copy it yourself.`);
      label.textContent = "Copy failed";
    }
    setTimeout(() => (label.textContent = "Copy"), 2500);
  });
  return button;
}
