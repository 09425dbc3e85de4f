/**
 * Signing in: the authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636), as any other client
 * of this server would do it. The access token stays in memory; a reload asks for a new one, which
 * the browser's session at the server grants without a prompt.
 */

const PENDING = "housekey.account.pending";

/** The server refused to sign the person in. */
export class SignInError extends Error {
  /**
   * @param {string} message
   * @param {string} [code] the OAuth error
   */
  constructor(message, code = "") {
    super(message);
    this.code = code;
  }
}

/**
 * Leaves for the login page. The person comes back to the part of the page they are on now.
 * @param {import("./types.js").Config} config
 * @returns {Promise<never>} never settles: the page is being left
 */
export async function startSignIn(config) {
  if (!globalThis.crypto?.subtle) {
    throw new SignInError("This page can only be used over a secure (HTTPS) connection.");
  }
  const pending = { state: randomText(), verifier: randomText(), hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.replace(await authorizeUrl(config, pending));
  return new Promise(() => {});
}

/**
 * Takes up the answer of the login page, if this load is one.
 * @param {import("./types.js").Config} config
 * @returns {Promise<import("./types.js").Session | null>} null when there is no answer to take up
 */
export async function finishSignIn(config) {
  const answer = new URLSearchParams(location.search);
  const pending = takePending();
  if (!pending || !answer.has("state") || answer.get("state") !== pending.state) return null;
  // The code is worth nothing after this; it should not stay in the address bar or the history.
  history.replaceState(null, "", location.pathname + pending.hash);
  // RFC 9207: an answer of another server is not for us.
  if (answer.has("iss") && answer.get("iss") !== config.issuer) {
    throw new SignInError("The answer came from another server.");
  }
  if (answer.has("error")) {
    throw new SignInError(answer.get("error_description") ?? "", answer.get("error") ?? "");
  }
  return exchangeCode(config, answer.get("code") ?? "", pending.verifier);
}

/**
 * Where signing out happens. It ends the session and leads back to the login page.
 * @param {import("./types.js").Config} config
 */
export function signOutUrl(config) {
  const query = new URLSearchParams({ client_id: config.clientId, returnTo: config.redirectUri });
  return `${config.issuer}v2/logout?${query}`;
}

/**
 * @param {import("./types.js").Config} config
 * @param {{ state: string, verifier: string }} pending
 */
export async function authorizeUrl(config, pending) {
  const query = new URLSearchParams({
    client_id: config.clientId,
    response_type: "code",
    response_mode: "query",
    redirect_uri: config.redirectUri,
    audience: config.audience,
    scope: config.scope,
    state: pending.state,
    code_challenge: await codeChallenge(pending.verifier),
    code_challenge_method: "S256",
  });
  return `${config.issuer}authorize?${query}`;
}

/**
 * RFC 7636 §4.2.
 * @param {string} verifier
 */
export async function codeChallenge(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64Url(new Uint8Array(digest));
}

/**
 * The claims of a JWT. Its signature needs no check: it came from the token endpoint itself
 * (OpenID Connect Core §3.1.3.7, point 6).
 * @param {string} token
 */
export function decodeClaims(token) {
  const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * @param {import("./types.js").Config} config
 * @param {string} code
 * @param {string} verifier
 * @returns {Promise<import("./types.js").Session>}
 */
async function exchangeCode(config, code, verifier) {
  const response = await fetch(`${config.issuer}oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: config.clientId,
      redirect_uri: config.redirectUri,
      code,
      code_verifier: verifier,
    }),
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new SignInError(body.error_description ?? "", body.error ?? "");
  const claims = body.id_token ? decodeClaims(body.id_token) : {};
  return { accessToken: body.access_token, claims };
}

/** @returns {{ state: string, verifier: string, hash: string } | null} */
function takePending() {
  const text = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  return text ? JSON.parse(text) : null;
}

/** 256 random bits as text, within the alphabet and length of RFC 7636 §4.1. */
function randomText() {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {Uint8Array} bytes */
function base64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
