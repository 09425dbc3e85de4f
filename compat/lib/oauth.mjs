// The client's side of the authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636), by plain HTTP.

import { createHash, randomBytes } from "node:crypto";
import { form } from "./http.mjs";
import { answerPages, PageClient } from "./pages.mjs";

/** The callback every seeded client has. */
export const CALLBACK = "http://localhost:3000";

/** Every My Account scope. */
export const ACCOUNT_SCOPES = [
  "create:me:authentication_methods",
  "read:me:authentication_methods",
  "update:me:authentication_methods",
  "delete:me:authentication_methods",
  "read:me:factors",
].join(" ");

/** The scopes of an app that signs people in and manages their account. */
export const FULL_SCOPE = `openid profile email offline_access ${ACCOUNT_SCOPES}`;

/** A fresh verifier and its challenge. */
export function pkce() {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, challenge };
}

/** The address an app sends its user to; `extra` adds or, with `undefined`, removes parameters. */
export function authorizeUrl(server, { challenge, client = "spa", ...extra }) {
  const parameters = {
    client_id: server.info.clients[client].client_id,
    response_type: "code",
    redirect_uri: CALLBACK,
    scope: FULL_SCOPE,
    audience: server.info.my_account_audience,
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: randomBytes(16).toString("base64url"),
    ...extra,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return new URL(`/authorize?${new URLSearchParams(given)}`, server.info.issuer);
}

/** Signs in on the pages in a new browser and exchanges the code. */
export function signIn(server, user = server.info.user, extra = {}) {
  return throughPages(server, user, extra);
}

/** Creates a user on the sign-up pages, which signs it in, and exchanges the code. */
export function signUp(server, user, extra = {}) {
  return throughPages(server, user, { screen_hint: "signup", ...extra });
}

async function throughPages(server, { email, password }, { client, ...extra }) {
  const browser = new PageClient(server);
  const { verifier, challenge } = pkce();
  const first = await browser.open(authorizeUrl(server, { challenge, client, ...extra }));
  const last = await answerPages(browser, first, { username: email, email, password });
  return { browser, ...(await redeem(server, last.url, verifier, client)) };
}

/** Turns the callback's address into tokens; an error in it fails. */
export async function redeem(server, callback, verifier, client = "spa") {
  const code = callback.searchParams.get("code");
  if (!code) throw new Error(`no code in ${callback}`);
  const answer = await token(server, client, {
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: CALLBACK,
  });
  if (answer.status !== 200) throw new Error(`code exchange: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** One request to the token endpoint, as a form. */
export function token(server, client, fields) {
  const { client_id, client_secret } = server.info.clients[client];
  const body = form({ client_id, ...(client_secret && { client_secret }), ...fields });
  return server.request("/oauth/token", { method: "POST", ...body });
}

/** Exchanges a refresh token. */
export function refresh(server, refreshToken, client = "spa") {
  return token(server, client, { grant_type: "refresh_token", refresh_token: refreshToken });
}
