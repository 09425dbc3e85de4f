// A client of the My Account API that checks every answer on the way.

import assert from "node:assert/strict";
import { json } from "./http.mjs";
import { Reference, referencePath } from "./reference.mjs";
import { codeFromUri } from "./totp.mjs";

const path = referencePath();
const reference = path && new Reference(path);
if (!reference)
  console.warn("No My Account OpenAPI file found: answers are not validated (HOUSEKEY_REFERENCE_OAS).");

/** The collection everything here is about. */
export const METHODS = "/me/v1/authentication-methods";

/** Checks what is true of every answer under `/me`, whatever was asked. */
export function checkAnswer(method, target, answer) {
  const about = `${method} ${target} → ${answer.status} ${answer.text.slice(0, 300)}`;
  assert.ok(answer.status < 500, about);
  assert.equal(answer.headers["cache-control"], "no-store", about);
  assert.equal(answer.headers["content-encoding"], undefined, about);
  assert.equal(
    "www-authenticate" in answer.headers,
    answer.status === 401,
    `WWW-Authenticate belongs to 401 alone: ${about}`,
  );
  const complaints = reference?.complaints(method, target.split("?")[0], answer) ?? [];
  assert.deepEqual(complaints, [], about);
}

/** Checks an error body against the contract's code, and its texts when given. */
export function assertProblem(answer, status, code, texts = {}) {
  assert.equal(answer.status, status, answer.text);
  const problem = answer.json;
  assert.equal(problem.type, `https://auth0.com/api-errors/A0E-${code}`, answer.text);
  assert.equal(problem.status, status);
  for (const [member, text] of Object.entries(texts)) assert.equal(problem[member], text, answer.text);
  return problem;
}

/** One person's view of their account. */
export class AccountApi {
  /** @param {import("./server.mjs").Server} server @param {string} accessToken */
  constructor(server, accessToken) {
    this.server = server;
    this.accessToken = accessToken;
  }

  /** One checked request; when the person's allowance runs low the server's clock moves on. */
  async call(method, target, { headers = {}, body, ...options } = {}) {
    const answer = await this.server.request(target, {
      method,
      headers: { authorization: `Bearer ${this.accessToken}`, ...headers },
      body,
      ...options,
    });
    checkAnswer(method, target, answer);
    await this.#refill(answer);
    return answer;
  }

  /** The same with a JSON body. */
  send(method, target, value) {
    return this.call(method, target, json(value));
  }

  /** All methods. */
  async list() {
    const answer = await this.call("GET", METHODS);
    assert.equal(answer.status, 200, answer.text);
    return answer.json.authentication_methods;
  }

  /** Starts an enrolment. */
  async enroll(request) {
    const answer = await this.send("POST", METHODS, request);
    assert.equal(answer.status, 202, answer.text);
    return { ...answer.json, location: answer.headers.location };
  }

  /** Confirms an enrolment; gives the answer, whatever it is. */
  verify(enrollment, proof) {
    return this.send("POST", `${methodPath(enrollment.id)}/verify`, {
      auth_session: enrollment.auth_session,
      ...proof,
    });
  }

  /** Adds an authenticator app from first to last. */
  async addAuthenticatorApp() {
    const enrollment = await this.enroll({ type: "totp" });
    const answer = await this.verify(enrollment, { otp_code: await this.appCode(enrollment) });
    assert.equal(answer.status, 201, answer.text);
    return { enrollment, method: answer.json };
  }

  /** The code the enrolled app shows right now. */
  async appCode(enrollment) {
    return codeFromUri(enrollment.barcode_uri, await this.server.now());
  }

  async #refill({ headers }) {
    if (Number(headers["x-ratelimit-remaining"] ?? Infinity) > 2) return;
    const wait = Number(headers["x-ratelimit-reset"]) - Math.floor((await this.server.now()) / 1000);
    await this.server.advance(Math.max(wait, 1));
  }
}

/** Path of one method, spelled as the SDKs spell it. */
export function methodPath(id) {
  return `${METHODS}/${encodeURIComponent(id)}`;
}
