/**
 * Passkeys on the identifier page: among the browser's suggestions for the field, and by a button.
 */

import { isSupported, optionsIn, usePasskey } from "./webauthn.js";

/** A little less than a challenge lives. */
const RENEW_MS = 270_000;

/** @type {HTMLFormElement} */
const form = document.querySelector("form[data-form-primary]");
/** @type {HTMLButtonElement | null} */
const button = document.querySelector("button[data-action=passkey]");
const announcer = document.getElementById("ulp-error-announcer");
const { autofill } = form.dataset;

let options = optionsIn(document);
/** @type {AbortController | undefined} */
let suggesting;

if (options && isSupported()) {
  if (button) {
    button.hidden = false;
    button.addEventListener("click", askNow);
  }
  suggest();
  setInterval(renew, RENEW_MS);
}

/** Has the browser suggest passkeys until one is chosen. There can be one request at a time. */
async function suggest() {
  if (!autofill || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  suggesting?.abort();
  suggesting = new AbortController();
  try {
    send(await usePasskey(options, { mediation: "conditional", signal: suggesting.signal }));
  } catch {
    // Taken back, or not to be had: the field and the button are still there.
  }
}

async function askNow() {
  suggesting?.abort();
  button.disabled = true;
  try {
    send(await usePasskey(options));
  } catch {
    button.disabled = false;
    announcer.textContent = "No passkey was used.";
    suggest();
  }
}

/** Takes a new challenge out of a fresh copy of this page; the old one is about to expire. */
async function renew() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = optionsIn(page);
  if (!fresh) return;
  options = fresh;
  if (!button?.disabled) suggest();
}

/** @param {object} credential */
function send(credential) {
  /** @type {HTMLInputElement} */
  const field = form.querySelector("input[name=passkey]");
  field.value = JSON.stringify(credential);
  form.submit(); // without the checks of the fields, which are not what is sent
}
