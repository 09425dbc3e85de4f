/**
 * Creating a recovery code: shown once, kept by the person, then put to use.
 */

import { copyButton } from "../copy-button.js";
import { Dialog } from "../dialog.js";
import { h } from "../dom.js";
import { field, form } from "../form.js";
import { whileBeginning } from "./begin.js";
import { abandon } from "./confirm-code.js";

/** @param {import("../api.js").AccountApi} api */
export async function enrollRecoveryCode(api) {
  const dialog = new Dialog("Recovery code");
  const ended = dialog.ended();
  const challenge = await whileBeginning(dialog, () => api.enroll({ type: "recovery-code" }));
  if (challenge) showCode(dialog, api, challenge);
  const result = await ended;
  if (challenge && !result) await abandon(api, challenge.id);
  return result;
}

/**
 * @param {Dialog} dialog
 * @param {import("../api.js").AccountApi} api
 * @param {import("../types.js").Challenge} challenge
 */
function showCode(dialog, api, { id, auth_session, recovery_code }) {
  const saved = field("I have saved this code", { name: "saved", type: "checkbox" });
  saved.element.classList.add("field-check");
  const code = h("code", { class: "code", id: "recovery-code" }, recovery_code);
  dialog.show(
    form({
      content: [
        h(
          "p",
          {},
          "Copy this code and keep it where you will find it without your phone. It is shown only now, and it works once.",
        ),
        h("p", { class: "hint" }, "A code you saved earlier stops working as soon as you confirm this one."),
        h("div", { class: "copyable copyable-large" }, code, copyButton(recovery_code, "code")),
        downloadLink(recovery_code),
        saved,
      ],
      submit: "Done",
      check: () => (saved.input.checked ? null : [saved, "Please save the code first."]),
      send: async () => {
        await api.verify(id, { auth_session });
        dialog.close("Recovery code created.");
      },
      cancel: () => dialog.close(),
    }),
  );
}

/** @param {string} code */
function downloadLink(code) {
  const text = `Recovery code for ${location.host}\n\n${code}\n\nIt works once.\n`;
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(text)}`;
  return h(
    "a",
    { class: "button button-outline button-small", href: file, download: "recovery-code.txt" },
    "Download as a text file",
  );
}
