// Passkeys through the unmodified @auth0/auth0-spa-js: its My Account client and its passkey client.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Authenticator } from "../lib/authenticator.mjs";
import { ACCOUNT_SCOPES, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";
import { visit } from "./page.mjs";

/** Makes a passkey as a developer does it: the SDK's challenge, the browser's API, the SDK's proof. */
async function enroll(client) {
  const decode = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const encode = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const challenge = await client.myAccount.enrollmentChallenge({ type: "passkey" });
  const options = challenge.authn_params_public_key;
  const credential = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: decode(options.challenge),
      user: { ...options.user, id: decode(options.user.id) },
    },
  });
  const authn_response = {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    response: {
      clientDataJSON: encode(credential.response.clientDataJSON),
      attestationObject: encode(credential.response.attestationObject),
    },
  };
  const method = await client.myAccount.enrollmentVerify({
    ...challenge,
    type: "passkey",
    authn_response,
  });
  return { challenge, method };
}

describe("the My Account client", () => {
  const here = world({ pages: true });

  test("enrols, renames and deletes a passkey of another origin beside the server", async () => {
    const person = newPerson("passkey-sdk");
    await signUp(here.server, person);
    await visit(here, { useRefreshTokens: true }, async (app, page) => {
      await app.login(person);
      const authenticator = await Authenticator.plugIn(page);
      const factors = await app.run((client) => client.myAccount.getFactors());
      assert.deepEqual(factors[0], { type: "passkey", usage: ["primary"] });

      const { challenge, method } = await app.run(enroll);
      assert.equal(challenge.id, "passkey|new", "spa-js reads it out of Location");
      assert.match(method.id, /^passkey\|dev_[A-Za-z0-9]{16}$/);
      assert.equal(method.relying_party_id, "localhost");
      assert.equal(method.aaguid.length, 36);
      assert.match(method.created_at, /\.\d{3}Z$/);
      // Ed25519 is offered first, so this is a COSE key of kind 1, algorithm -8 (RFC 9053 §2.2).
      assert.equal(Buffer.from(method.public_key, "base64").toString("hex").slice(0, 10), "a401010327");
      assert.equal((await authenticator.credentials()).length, 1);

      const one = (call) => app.run(call, method.id);
      const renamed = await one((client, id) =>
        client.myAccount.updateAuthenticationMethod(id, { name: "Of the SDK" }),
      );
      assert.equal(renamed.name, "Of the SDK");
      const listed = await app.run((client) => client.myAccount.getAuthenticationMethods("passkey"));
      assert.deepEqual(listed, [renamed]);
      await one((client, id) => client.myAccount.deleteAuthenticationMethod(id));
      const gone = await app.fails((client, id) => client.myAccount.getAuthenticationMethod(id), method.id);
      assert.equal(gone.status, 404);
    });
  });
});

// The SDK's passkey client speaks HTTPS whatever it is told.
describe("the passkey client", () => {
  const here = world({ pages: true, tls: true });

  /** A browser with an authenticator, and an application that knows the server by its bare host. */
  const open = (steps) => {
    const domain = new URL(here.server.origin).host;
    return visit(here, { domain, useRefreshTokens: true }, async (app, page) => {
      const authenticator = await Authenticator.plugIn(page);
      await steps(app, authenticator);
    });
  };

  test("signs up, and in again, and manages the account with what it gets", () =>
    open(async (app, authenticator) => {
      const { email } = newPerson("passkey-api");
      const scope = `openid profile email offline_access ${ACCOUNT_SCOPES}`;
      const audience = here.server.info.my_account_audience;
      const tokens = await app.run(
        (client, options) => client.passkey.signup(options),
        { email, name: "Ada", scope, audience },
      );
      assert.ok(tokens.access_token && tokens.id_token);
      assert.equal((await app.run((client) => client.getUser())).email, email);
      const [credential] = await authenticator.credentials();
      assert.equal(credential.rpId, "localhost");
      const methods = await app.run((client) => client.myAccount.getAuthenticationMethods());
      assert.deepEqual(
        methods.map(({ type }) => type),
        ["passkey"],
      );

      await app.reload();
      const again = await app.run((client, options) => client.passkey.login(options), { scope, audience });
      assert.ok(again.access_token);
      assert.equal((await app.run((client) => client.getUser())).email, email);
    }));

  test("an address is taken once, and a passkey nobody knows is refused in the SDK's own error", () =>
    open(async (app, authenticator) => {
      const { email } = newPerson("passkey-taken");
      await app.run((client, options) => client.passkey.signup(options), { email });
      const [kept] = await authenticator.credentials();
      await authenticator.clear();
      const taken = await app.fails((client, options) => client.passkey.signup(options), { email });
      assert.equal(taken.cause?.error ?? taken.error, "invalid_request", JSON.stringify(taken));
      await authenticator.add({ ...kept, credentialId: Buffer.from("nobody's").toString("base64") });
      const unknown = await app.fails((client) => client.passkey.login());
      assert.equal(unknown.error, "invalid_grant", JSON.stringify(unknown));
    }));
});
