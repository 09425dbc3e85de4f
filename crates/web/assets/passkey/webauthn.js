/**
 * WebAuthn's two calls over JSON: options as the server sends them, credentials as it reads them.
 * Browsers have methods for this, but not all of those that have passkeys.
 */

/** Whether the browser knows passkeys at all; it does not on an insecure origin. */
export function isSupported() {
  return typeof window.PublicKeyCredential === "function" && Boolean(navigator.credentials);
}

/**
 * Makes a passkey.
 * @param {object} options PublicKeyCredentialCreationOptionsJSON
 * @returns {Promise<object>} RegistrationResponseJSON
 */
export async function createPasskey(options) {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map((one) => ({ ...one, id: decode(one.id) })),
    },
  });
  const { attestationObject, clientDataJSON } = credential.response;
  const transports = credential.response.getTransports?.() ?? [];
  return withResponse(credential, {
    attestationObject: encode(attestationObject),
    clientDataJSON: encode(clientDataJSON),
    transports,
  });
}

/**
 * Uses a passkey.
 * @param {object} options PublicKeyCredentialRequestOptionsJSON
 * @param {{ mediation?: CredentialMediationRequirement, signal?: AbortSignal }} [how]
 * @returns {Promise<object>} AuthenticationResponseJSON
 */
export async function usePasskey(options, how = {}) {
  const publicKey = { ...options, challenge: decode(options.challenge) };
  const credential = await navigator.credentials.get({ publicKey, ...how });
  const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
  return withResponse(credential, {
    authenticatorData: encode(authenticatorData),
    clientDataJSON: encode(clientDataJSON),
    signature: encode(signature),
    ...(userHandle && { userHandle: encode(userHandle) }),
  });
}

/**
 * The options in a page's `#passkey-options`, if it has some.
 * @param {Document} page
 */
export function optionsIn(page) {
  const element = page.getElementById("passkey-options");
  return element ? JSON.parse(element.textContent) : null;
}

function withResponse({ id, type, authenticatorAttachment }, response) {
  return { id, rawId: id, type, response, ...(authenticatorAttachment && { authenticatorAttachment }) };
}

/** @param {string} text base64url */
function decode(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function encode(bytes) {
  const binary = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
