/**
 * The page that offers a passkey: makes it and sends it.
 */

import { explainPasskey } from "./problem.js";
import { createPasskey, isSupported, optionsIn } from "./webauthn.js";

/** @type {HTMLFormElement} */
const form = document.querySelector("form[data-form-primary]");
/** @type {HTMLButtonElement} */
const create = form.querySelector("button[data-action-button-primary]");
const announcer = document.getElementById("ulp-error-announcer");
const outcome = document.getElementById("passkey-outcome");

if (isSupported()) form.addEventListener("submit", make);
else create.disabled = true;

/** @param {SubmitEvent} event */
async function make(event) {
  if (event.submitter !== create) return;
  event.preventDefault();
  create.disabled = true;
  try {
    const credential = await createPasskey(optionsIn(document));
    /** @type {HTMLInputElement} */
    const field = form.querySelector("input[name=passkey]");
    field.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    create.disabled = false;
    announcer.textContent = explainPasskey(error);
    outcome.textContent = explainPasskey(error);
  }
}
