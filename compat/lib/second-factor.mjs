// Somebody with every second factor that applications can use, at a tenant that asks for one.

import assert from "node:assert/strict";
import { AccountApi, METHODS } from "./account.mjs";
import { Device } from "./device.mjs";
import { form, json } from "./http.mjs";
import { signUp } from "./oauth.mjs";
import { newPerson } from "./person.mjs";
import { codeFromUri } from "./totp.mjs";

/** A request to the Management API. */
export async function manage(server, method, target, body) {
  const { client_id, client_secret } = server.info.clients.management;
  const token = await server.request("/oauth/token", {
    method: "POST",
    ...form({
      grant_type: "client_credentials",
      client_id,
      client_secret,
      audience: `${server.info.issuer}api/v2/`,
    }),
  });
  assert.equal(token.status, 200, token.text);
  const { headers, body: text } = json(body);
  const answer = await server.request(`/api/v2/${target}`, {
    method,
    headers: { ...headers, authorization: `Bearer ${token.json.access_token}` },
    body: text,
  });
  assert.ok(answer.status < 300, answer.text);
  return answer.json;
}

/** Signs somebody up and enrols a phone, a mailbox, a device, a recovery code and an app for them. */
export async function enrolled(server, name) {
  const person = newPerson(name);
  const account = new AccountApi(server, (await signUp(server, person)).access_token);
  const begin = async (body) => {
    const answer = await account.call("POST", METHODS, { ...json(body) });
    assert.equal(answer.status, 202, answer.text);
    return answer.json;
  };
  const finish = async ({ id, auth_session }, proof = {}) => {
    const target = `${METHODS}/${encodeURIComponent(id)}/verify`;
    const answer = await account.call("POST", target, { ...json({ auth_session, ...proof }) });
    assert.equal(answer.status, 201, answer.text);
  };
  const coded = async (to, body) => {
    const begun = await begin(body);
    const { code } = await server.message(to, (message) => message.code);
    await finish(begun, { otp_code: code });
  };
  const phone_number = `+4930${String(Date.now()).slice(-8)}`;
  await coded(phone_number, { type: "phone", phone_number });
  await coded(person.email, { type: "email", email: person.email });
  const qr = await begin({ type: "push-notification" });
  const device = await Device.enroll(server, qr.barcode_uri);
  const paper = await begin({ type: "recovery-code" });
  await finish(paper);
  // The last one enrolled is the first one asked for.
  const app = await begin({ type: "totp" });
  await finish(app, { otp_code: codeFromUri(app.barcode_uri, await server.now()) });
  await server.advance(30); // the code that confirmed the app is used up
  return { person, phone_number, device, app: app.barcode_uri, paper: paper.recovery_code };
}
