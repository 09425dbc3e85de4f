/**
 * What scripts add to the sign-in pages, which work without them: showing a password, saying what
 * is missing before the form is sent, telling the server what the browser can do.
 */

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form[data-form-primary]");
const announcer = document.getElementById("ulp-error-announcer");

/** @type {NodeListOf<HTMLButtonElement>} */
const toggles = document.querySelectorAll("button[data-action=toggle]");
for (const button of toggles) {
  const input = inputById(button.getAttribute("aria-controls"));
  button.hidden = false;
  button.addEventListener("click", () => togglePassword(button, input));
  // A password manager should see a password field when the form leaves.
  input.form.addEventListener("submit", () => (input.type = "password"));
}

if (form) {
  // Our messages take the place of the browser's bubbles, which tests and screen readers miss.
  form.noValidate = true;
  form.addEventListener("submit", refuseIncomplete);
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement) markField(target, false);
  });
  fillCapabilities();
  announce([...form.querySelectorAll(".ulp-input-error-message")].map((error) => error.textContent));
}

/**
 * @param {HTMLElement} button
 * @param {HTMLInputElement} input
 */
function togglePassword(button, input) {
  const show = input.type === "password";
  input.type = show ? "text" : "password";
  const { hide, hideShort, show: showing, showShort } = button.dataset;
  button.textContent = show ? hideShort : showShort;
  button.setAttribute("aria-label", show ? hide : showing);
  input.focus();
}

/** @param {SubmitEvent} event */
function refuseIncomplete(event) {
  if (event.submitter instanceof HTMLButtonElement && event.submitter.formNoValidate) return;
  /** @type {NodeListOf<HTMLInputElement>} */
  const required = form.querySelectorAll("input[required]");
  const empty = [...required].filter((input) => !input.value);
  if (empty.length === 0) return;
  event.preventDefault();
  empty.forEach((input) => markField(input, true));
  announce(empty.map((input) => requiredMessage(input).textContent));
  empty[0].focus();
}

/**
 * Shows or hides the "required" message of a field and ties it to the field while it shows.
 * @param {HTMLInputElement} input
 * @param {boolean} missing
 */
function markField(input, missing) {
  const message = requiredMessage(input);
  if (!message || message.hidden === !missing) return;
  message.hidden = !missing;
  const others = (input.getAttribute("aria-describedby") ?? "")
    .split(" ")
    .filter((id) => id && id !== message.id);
  const ids = missing ? [message.id, ...others] : others;
  if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
  const wrong = missing || Boolean(document.getElementById(`error-element-${input.name}`));
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** @param {HTMLInputElement} input */
function requiredMessage(input) {
  return document.getElementById(`error-cs-${input.name}-required`);
}

/** @param {string[]} messages */
function announce(messages) {
  if (announcer) announcer.textContent = messages.join(". ");
}

/** Fills in the identifier page's hidden fields about the browser. */
async function fillCapabilities() {
  setField("js-available", true);
  const webauthn = typeof window.PublicKeyCredential === "function";
  setField("webauthn-available", webauthn);
  setField("is-brave", "brave" in navigator);
  if (!webauthn || !document.getElementById("webauthn-platform-available")) return;
  const platform = await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
  setField("webauthn-platform-available", platform);
}

/**
 * @param {string} id
 * @param {boolean} value
 */
function setField(id, value) {
  const input = inputById(id);
  if (input) input.value = String(value);
}

/**
 * @param {string} id
 * @returns {HTMLInputElement | null}
 */
function inputById(id) {
  return /** @type {HTMLInputElement | null} */ (document.getElementById(id));
}
