// The judge of answers: it must accept what is right and object to what is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Reference, referencePath } from "../lib/reference.mjs";

const path = referencePath();
const skip = path ? false : "no My Account OpenAPI file (HOUSEKEY_REFERENCE_OAS)";

function answer(status, value) {
  const body = Buffer.from(value === undefined ? "" : JSON.stringify(value));
  return { status, body, json: value, headers: { "content-type": "application/json; charset=utf-8" } };
}

test("accepts conforming answers", { skip }, () => {
  const reference = new Reference(path);
  const totp = {
    id: "totp|dev_abcdefghijklmnop",
    type: "totp",
    usage: ["secondary"],
    confirmed: true,
    created_at: "2026-01-01T00:00:00.000Z",
  };
  const listed = answer(200, { authentication_methods: [totp] });
  assert.deepEqual(reference.complaints("GET", "/me/v1/authentication-methods", listed), []);
  assert.deepEqual(reference.complaints("GET", "/me/authentication-methods", listed), []);
  assert.deepEqual(reference.complaints("DELETE", "/me/v1/authentication-methods/totp%7Cx", answer(204)), []);
});

test("objects to wrong members, types, statuses and bodies", { skip }, () => {
  const reference = new Reference(path);
  const bad = [
    ["GET", "/me/v1/factors", answer(200, { factors: [{ type: "carrier-pigeon", usage: ["secondary"] }] })],
    ["GET", "/me/v1/factors", answer(200, [])],
    ["GET", "/me/v1/factors", answer(206, { factors: [] })],
    ["DELETE", "/me/v1/authentication-methods/x", answer(204, {})],
    ["GET", "/me/v1/factors", answer(401, { type: "t", title: "t", detail: "d", status: 403 })],
    ["GET", "/me/v1/factors", answer(401, { type: "t", title: "t", status: 401 })],
  ];
  for (const [method, target, wrong] of bad) {
    assert.notDeepEqual(reference.complaints(method, target, wrong), [], JSON.stringify(wrong.json));
  }
});
