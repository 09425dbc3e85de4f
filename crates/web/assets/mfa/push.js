/**
 * The page that waits for a device: asks whether it has answered, and goes on once it has. Without
 * it the page loads itself again and again.
 */

/** What the server allows (contract of the sign-in pages): one question every five seconds. */
const PAUSE_MS = 5000;

/** @type {HTMLFormElement} */
const form = document.querySelector("form[data-form-primary]");

/** @returns {Promise<boolean>} whether the device has answered */
async function isAnswered() {
  try {
    const response = await fetch(window.location.href, { headers: { accept: "application/json" } });
    if (!response.ok) return false;
    const { completed } = await response.json();
    return completed === true;
  } catch {
    return false; // Offline for a moment; the next question may come through.
  }
}

async function wait() {
  if (await isAnswered()) form.submit();
  else setTimeout(wait, PAUSE_MS);
}

setTimeout(wait, PAUSE_MS);
