// A phone with an app that speaks the Guardian protocol.

import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { json } from "./http.mjs";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const { n, e } = publicKey.export({ format: "jwk" });

export class Device {
  constructor(server, base, enrollment) {
    this.server = server;
    this.base = base;
    Object.assign(this, enrollment);
  }

  /** Enrols with what a QR code says. */
  static async enroll(server, uri) {
    const parameters = new URL(uri).searchParams;
    const base = parameters.get("base_url");
    const { headers, body } = json({
      identifier: "browser-test",
      name: "Test phone",
      push_credentials: { service: "GCM", token: "token" },
      public_key: { kty: "RSA", alg: "RS256", use: "sig", n, e },
    });
    const answer = await server.request(`${base}/api/enroll`, {
      method: "POST",
      headers: { ...headers, authorization: `Ticket id="${parameters.get("enrollment_tx_id")}"` },
      body,
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers["content-type"], "application/json");
    return new Device(server, base, answer.json);
  }

  /** Answers a question that a push message put. */
  async answer(push, accepted) {
    const now = Math.floor((await this.server.now()) / 1000);
    const challenge_response = sign({
      iss: "browser-test",
      sub: push.c,
      aud: `${this.base}/api/resolve-transaction`,
      iat: now,
      exp: now + 30,
      auth0_guardian_method: "push",
      auth0_guardian_accepted: accepted,
    });
    const { headers, body } = json({ challenge_response });
    return this.server.request(`${this.base}/api/resolve-transaction`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${push.txtkn}` },
      body,
    });
  }

  /** Leaves, as when the app forgets the account. */
  async leave() {
    const now = Math.floor((await this.server.now()) / 1000);
    const bearer = sign({
      iss: this.id,
      sub: this.user_id,
      aud: `${this.base}/api/device-accounts`,
      iat: now,
      exp: now + 7200,
    });
    return this.server.request(`${this.base}/api/device-accounts/${this.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${bearer}` },
    });
  }
}

function sign(claims) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}
