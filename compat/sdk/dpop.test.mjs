// The unmodified @auth0/auth0-spa-js with `useDpop`: the key is the browser's and never leaves it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { form } from "../lib/http.mjs";
import { parts } from "../lib/jwt.mjs";
import { signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { codeFromUri } from "../lib/totp.mjs";
import { world } from "../lib/world.mjs";
import { visit } from "./page.mjs";

const here = world({ pages: true });

/** A profile in which somebody new has logged in through the SDK. */
async function loggedIn(options, steps) {
  const person = newPerson("dpop");
  await signUp(here.server, person);
  await visit(here, { useDpop: true, ...options }, async (app) => {
    await app.login(person);
    await steps(app, person);
  });
}

const fresh = (app) =>
  app.run((client) => client.getTokenSilently({ cacheMode: "off", detailedResponse: true }));

for (const [title, options] of [
  ["refresh tokens", { useRefreshTokens: true, useRefreshTokensFallback: false }],
  [
    "refresh tokens in local storage",
    { useRefreshTokens: true, cacheLocation: "localstorage", useRefreshTokensFallback: false },
  ],
  ["silent iframe", { useRefreshTokens: false }],
]) {
  describe(title, () => {
    test("gets tokens that are bound to its key, again and again", () =>
      loggedIn(options, async (app) => {
        const first = await app.run((client) => client.getTokenSilently({ detailedResponse: true }));
        const { jkt } = parts(first.access_token).claims.cnf;
        assert.match(jkt, /^[\w-]{43}$/);
        for (let turn = 0; turn < 3; turn++) {
          await here.server.advance(901); // the proof is dated by a clock that does not move
          const { access_token, token_type } = await fresh(app);
          assert.equal(token_type, "DPoP");
          assert.deepEqual(parts(access_token).claims.cnf, { jkt });
        }
      }));

    test("manages an account with them through the SDK's own client", () =>
      loggedIn(options, async (app) => {
        const factors = await app.run((client) => client.myAccount.getFactors());
        assert.ok(factors.some(({ type }) => type === "totp"));
        const challenge = await app.run((client) => client.myAccount.enrollmentChallenge({ type: "totp" }));
        const otp_code = codeFromUri(challenge.barcode_uri, await here.server.now());
        const method = await app.run(
          (client, proof) => client.myAccount.enrollmentVerify(proof),
          { ...challenge, type: "totp", otp_code },
        );
        assert.equal(method.id, challenge.id);
        const listed = await app.run((client) => client.myAccount.getAuthenticationMethods("totp"));
        assert.deepEqual(listed, [method]);
        await app.run((client, id) => client.myAccount.deleteAuthenticationMethod(id), method.id);
      }));

    test("calls any resource through the SDK's fetcher", () =>
      loggedIn(options, async (app, person) => {
        const info = await app.run(async (client, url) => {
          const fetcher = client.createFetcher({
            dpopNonceId: "userinfo",
            getAccessToken: () => client.getTokenSilently({ detailedResponse: true }),
          });
          const answer = await fetcher.fetchWithAuth(url);
          const [body, nonce] = [await answer.json(), await client.getDpopNonce("userinfo")];
          return { status: answer.status, body, nonce };
        }, `${here.server.origin}/userinfo`);
        assert.equal(info.status, 200);
        assert.equal(info.body.email, person.email);
        assert.ok(info.nonce, "read through CORS, for the next proof");
      }));
  });
}

test("what is stolen from the application is worth nothing without its key", () =>
  loggedIn({ useRefreshTokens: true, cacheLocation: "localstorage" }, async (app) => {
    const { access_token } = await fresh(app);
    const entries = Object.values(await app.storage()).map((text) => JSON.parse(text));
    const { refresh_token } = entries.find(({ body }) => body?.refresh_token).body;
    const factors = await here.server.request("/me/v1/factors", {
      headers: { authorization: `Bearer ${access_token}` },
    });
    assert.equal(factors.status, 401);
    assert.match(factors.headers["www-authenticate"], /^DPoP error="invalid_token"/);
    const { client_id } = here.server.info.clients.spa;
    const grant = { grant_type: "refresh_token", client_id, refresh_token };
    const refreshed = await here.server.request("/oauth/token", { method: "POST", ...form(grant) });
    assert.deepEqual([refreshed.status, refreshed.json.error], [400, "invalid_dpop_proof"]);
    assert.equal((await fresh(app)).token_type, "DPoP", "and its owner notices nothing");
  }));
