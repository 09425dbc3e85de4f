// Passkeys of an authenticator that others wrote: nid-webauthn-emulator makes the keys, signs, and
// packs the attestation; Housekey verifies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthenticatorEmulator, WebAuthnEmulator } from "nid-webauthn-emulator";
import { AccountApi, METHODS } from "../lib/account.mjs";
import { json } from "../lib/http.mjs";
import { signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world();
const GRANT = "urn:okta:params:oauth:grant-type:webauthn";

/** The members that the My Account API takes of a registration. */
function registration({ id, rawId, type, response: { attestationObject, clientDataJSON } }) {
  return { id, rawId, type, response: { attestationObject, clientDataJSON } };
}

/** One person with an authenticator that makes keys of one kind. */
async function someone(algorithm, options = {}) {
  const person = newPerson(`emulator-${algorithm.toLowerCase()}`);
  const { access_token } = await signUp(here.server, person);
  const account = new AccountApi(here.server, access_token);
  const authenticator = new AuthenticatorEmulator({ algorithmIdentifiers: [algorithm], ...options });
  return { person, account, emulator: new WebAuthnEmulator(authenticator) };
}

async function enroll(account, emulator) {
  const begun = await account.enroll({ type: "passkey" });
  const credential = emulator.createJSON(here.server.origin, begun.authn_params_public_key);
  const proof = { auth_session: begun.auth_session, authn_response: registration(credential) };
  return account.send("POST", `${METHODS}/passkey%7Cnew/verify`, proof);
}

/** Signs in without a page, as native apps do. */
async function signIn(emulator, change = (response) => response) {
  const client_id = here.server.info.clients.native.client_id;
  const send = (target, body) => here.server.request(target, { method: "POST", ...json(body) });
  const { json: begun } = await send("/passkey/challenge", { client_id });
  const response = emulator.getJSON(here.server.origin, begun.authn_params_public_key);
  const body = { grant_type: GRANT, client_id, auth_session: begun.auth_session, scope: "openid email" };
  return send("/oauth/token", { ...body, authn_response: change(response) });
}

for (const [algorithm, cose] of [
  ["ES256", -7],
  ["RS256", -257],
  ["EdDSA", -8],
]) {
  test(`a passkey with ${algorithm} is enrolled, and signs in`, async () => {
    const { account, emulator } = await someone(algorithm);
    const verified = await enroll(account, emulator);
    assert.equal(verified.status, 201, verified.text);
    const key = Buffer.from(verified.json.public_key, "base64");
    assert.ok(key.length > 40);
    assert.equal(verified.json.relying_party_id, "localhost");
    const offered = (await account.enroll({ type: "passkey" })).authn_params_public_key.pubKeyCredParams;
    assert.ok(offered.some(({ alg }) => alg === cose));

    const tokens = await signIn(emulator);
    assert.equal(tokens.status, 200, tokens.text);
    assert.ok(tokens.json.id_token);
    const again = await signIn(emulator);
    assert.equal(again.status, 200, "the counter grows");
  });
}

test("what the authenticator signed cannot be changed on the way", async () => {
  const { account, emulator } = await someone("ES256");
  assert.equal((await enroll(account, emulator)).status, 201);
  for (const member of ["authenticatorData", "clientDataJSON", "signature"]) {
    const refused = await signIn(emulator, (response) => {
      const bytes = Buffer.from(response.response[member], "base64url");
      bytes[bytes.length - 1] ^= 1;
      return { ...response, response: { ...response.response, [member]: bytes.toString("base64url") } };
    });
    assert.equal(refused.status, 403, `${member}: ${refused.text}`);
    assert.equal(refused.json.error, "invalid_grant");
  }
  assert.equal((await signIn(emulator)).status, 200, "and unchanged it is good");
});

test("a passkey that verifies nobody is enrolled all the same", async () => {
  const verifications = { userPresent: true, userVerified: false };
  const { account, emulator } = await someone("ES256", { verifications });
  assert.equal((await enroll(account, emulator)).status, 201);
});
