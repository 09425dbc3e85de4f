// Error answers of the My Account API in the words of the account page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ApiError } from "../../crates/web/assets/account/api.js";
import { duration, explain } from "../../crates/web/assets/account/problem.js";

test("the error member decides before the status", () => {
  const error = new ApiError(403, { title: "Forbidden", detail: "invalid code", error: "invalid_code" });
  assert.match(explain(error), /code is not right/);
  assert.match(explain(new ApiError(409, { detail: "x", error: "too_many_entities" })), /Remove one first/);
});

test("a wrong and an expired code are told apart without the error member", () => {
  assert.match(explain(new ApiError(403, { detail: "invalid code" })), /code is not right/);
  assert.match(explain(new ApiError(403, { detail: "The enrollment has expired." })), /start again/);
});

test("each broken password rule is said once", () => {
  const rule = (detail) => ({ detail, pointer: "/new_password" });
  const errors = [rule("PasswordHistoryError: a"), rule("PasswordStrengthError: b"), rule("PasswordStrengthError: c")];
  const text = explain(new ApiError(400, { detail: "Invalid request payload input", validation_errors: errors }));
  assert.equal(text, "You have used this password before. Please choose another. This password does not meet the requirements.");
});

test("a conflict without a known code gives the server's reason as a sentence", () => {
  assert.equal(explain(new ApiError(409, { detail: "a second factor is required" })), "A second factor is required.");
  assert.match(explain(new ApiError(409, { type: "https://auth0.com/api-errors/A0E-409-0003" })), /already/);
});

test("a limit says how long to wait", () => {
  assert.match(explain(new ApiError(429, {}, 1)), /in 1 second\./);
  assert.match(explain(new ApiError(429, {})), /in 60 seconds\./);
  assert.equal(duration(600), "10 minutes");
});

test("no answer, server trouble and bugs have sentences without internals", () => {
  assert.match(explain(new ApiError(0, {})), /could not be reached/);
  assert.match(explain(new ApiError(503, { detail: "secret" })), /^The server has a problem/);
  assert.equal(explain(new TypeError("x is undefined")), "Something went wrong. Please try again.");
});
