// The account page as an OAuth client.

import assert from "node:assert/strict";
import { test } from "node:test";

import { authorizeUrl, codeChallenge, decodeClaims, signOutUrl } from "../../crates/web/assets/account/oauth.js";

const config = {
  issuer: "https://id.example/",
  clientId: "client",
  audience: "https://id.example/me/",
  redirectUri: "https://id.example/account",
  scope: "openid read:me:factors",
};

test("the challenge is the one of RFC 7636, appendix B", async () => {
  const challenge = await codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  assert.equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
});

test("the request names everything the server needs", async () => {
  const url = new URL(await authorizeUrl(config, { state: "s", verifier: "v" }));
  assert.equal(url.origin + url.pathname, "https://id.example/authorize");
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    client_id: "client",
    response_type: "code",
    response_mode: "query",
    redirect_uri: "https://id.example/account",
    audience: "https://id.example/me/",
    scope: "openid read:me:factors",
    state: "s",
    code_challenge: await codeChallenge("v"),
    code_challenge_method: "S256",
  });
});

test("claims are read as UTF-8 from base64url", () => {
  const payload = Buffer.from(JSON.stringify({ name: "Zoë ÿ鍵?>" })).toString("base64url");
  assert.deepEqual(decodeClaims(`e30.${payload}.x`), { name: "Zoë ÿ鍵?>" });
});

test("logging out comes back to the account page", () => {
  const url = new URL(signOutUrl(config));
  assert.equal(url.pathname, "/v2/logout");
  assert.equal(url.searchParams.get("returnTo"), config.redirectUri);
});
