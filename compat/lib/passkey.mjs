// Signing in with a passkey step by step: the page comes to a client without scripts, the answer from
// a real browser's authenticator, so that each can be put out of tune with the other.

import { authorizeUrl, pkce } from "./oauth.mjs";
import { PageClient, primaryForm } from "./pages.mjs";

/** A new login, standing at the identifier page. */
export async function beginLogin(server) {
  const browser = new PageClient(server);
  const page = await browser.open(authorizeUrl(server, { challenge: pkce().challenge }));
  return { browser, page, options: passkeyOptions(page) };
}

/** Posts an answer to a login that stands at the identifier page. */
export async function answer({ browser, page }, credential) {
  const next = await browser.submit(page, { passkey: JSON.stringify(credential) });
  const error = next.answer.text.match(/data-error-code="([^"]+)"/)?.[1];
  return { signedIn: next.url.origin !== browser.origin, status: next.answer.status, error };
}

/** What a page's script would hand to the authenticator. */
function passkeyOptions({ answer: { text } }) {
  primaryForm(text); // fails with the page's text if this is no form at all
  const found = text.match(/id="passkey-options">(.*?)<\/script>/s);
  if (!found) throw new Error("the page offers no passkeys");
  return JSON.parse(found[1]);
}

/**
 * Has the authenticator of `page` answer, from whatever origin the page is on.
 *
 * @param {import("playwright-core").Page} page
 * @param {object} options PublicKeyCredentialRequestOptionsJSON
 */
export function assertion(page, options) {
  return page.evaluate(async (options) => {
    const decode = (text) =>
      Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const encode = (bytes) =>
      btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
    const publicKey = { ...options, challenge: decode(options.challenge) };
    const { id, type, response } = await navigator.credentials.get({ publicKey });
    return {
      id,
      rawId: id,
      type,
      response: {
        authenticatorData: encode(response.authenticatorData),
        clientDataJSON: encode(response.clientDataJSON),
        signature: encode(response.signature),
        userHandle: encode(response.userHandle),
      },
    };
  }, options);
}
