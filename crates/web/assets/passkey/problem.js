/**
 * Why a browser made no passkey, in words for a person.
 */

/** By the names that WebAuthn gives to what went wrong (Level 3 §5.1.3). */
const BY_NAME = {
  InvalidStateError: "There is a passkey for this account on that device already.",
  NotAllowedError: "No passkey was made. You can try again.",
  NotSupportedError: "That device cannot make passkeys of a kind that is accepted here.",
  SecurityError: "Passkeys do not work at this address.",
};

/**
 * @param {unknown} error
 * @returns {string}
 */
export function explainPasskey(error) {
  const name = error instanceof DOMException ? error.name : "";
  return BY_NAME[name] ?? "No passkey was made. Please try again.";
}
