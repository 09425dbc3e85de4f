/**
 * What went wrong, in words for a person.
 */

import { explainPasskey } from "../passkey/problem.js";
import { ApiError } from "./api.js";

/** Sentences for the `error` member, which names the cause more closely than the status. */
const BY_ERROR = {
  invalid_code: "That code is not right. Check it and try again.",
  expired_token: "This took too long and is no longer valid. Close this window and start again.",
  authorization_pending: "This is not finished on your device yet.",
  too_many_entities: "You have reached the number of sign-in methods one account can have. Remove one first.",
  invalid_phone_number: "This is not a valid phone number. Include the country code.",
  bad_gateway: "The message could not be sent. Please try again later.",
  unsupported_challenge_type: "This sign-in method is not available at the moment.",
};

/** Sentences for the rules a new password may break; the detail starts with these words. */
const BY_PASSWORD_RULE = {
  PasswordStrengthError: "This password does not meet the requirements.",
  PasswordHistoryError: "You have used this password before. Please choose another.",
  PasswordDictionaryError: "This password is too common. Please choose another.",
  PasswordNoUserInfoError: "The password must not contain your name or email address.",
};

/**
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (error instanceof DOMException) return explainPasskey(error);
  if (!(error instanceof ApiError)) return "Something went wrong. Please try again.";
  const { status, problem, retryAfter } = error;
  if (problem.error && problem.error in BY_ERROR) return BY_ERROR[problem.error];
  switch (status) {
    case 0:
      return "The server could not be reached. Check your connection and try again.";
    case 400:
      return explainInvalid(problem);
    case 403:
      return explainForbidden(problem);
    case 404:
      return "This is no longer there. It may have been removed in another window.";
    case 409:
      return explainConflict(problem);
    case 429:
      return explainTooMany(problem, retryAfter);
    default:
      return "The server has a problem. Please try again later.";
  }
}

/** @param {import("./types.js").Problem} problem */
function explainInvalid({ validation_errors: errors = [], detail }) {
  if (errors.length === 0) return sentence(detail ?? "That is not valid");
  const sentences = errors.map((error) => {
    const rule = Object.keys(BY_PASSWORD_RULE).find((name) => error.detail.startsWith(name));
    if (rule) return BY_PASSWORD_RULE[rule];
    if (error.pointer === "/email") return "This is not a valid email address.";
    if (error.pointer === "/preferred_authentication_method") return "Codes cannot reach you this way here.";
    if (error.pointer === "/otp_code") return "Enter the six digits of the code.";
    if (error.pointer === "/name") return "A name may have up to 100 characters.";
    if (error.pointer === "/new_password") return "This password cannot be used.";
    return sentence(error.detail);
  });
  return [...new Set(sentences)].join(" ");
}

/**
 * Where the wait is longer than a client should sleep, the server says it in words.
 * @param {import("./types.js").Problem} problem
 * @param {number} [retryAfter]
 */
function explainTooMany({ detail = "" }, retryAfter) {
  const [, wait] = detail.match(/try again in (.+)\.$/i) ?? [];
  return `Too many attempts. Please try again in ${wait ?? duration(retryAfter ?? 60)}.`;
}

/** @param {import("./types.js").Problem} problem */
function explainForbidden({ type = "", detail = "" }) {
  if (detail === "invalid code") return BY_ERROR.invalid_code;
  if (/expired/i.test(detail)) return BY_ERROR.expired_token;
  if (type.includes("A0E-403-0002")) return "You are not allowed to change this here.";
  return sentence(detail || "You are not allowed to do this");
}

/** @param {import("./types.js").Problem} problem */
function explainConflict({ type = "", detail = "" }) {
  if (type.includes("A0E-409-0003")) return "This is already one of your sign-in methods.";
  return sentence(detail || "This cannot be done at the moment");
}

/**
 * "5 seconds", "2 minutes"
 * @param {number} seconds
 */
export function duration(seconds) {
  const [count, unit] = seconds < 90 ? [Math.ceil(seconds), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** @param {string} text */
function sentence(text) {
  const full = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(full) ? full : `${full}.`;
}
