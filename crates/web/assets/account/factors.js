/**
 * The kinds of authentication methods: what they are called, what they are for, and how this page
 * adds them. A kind without `enroll` can be seen and removed here, not added.
 */

import { enrollEmail } from "./enroll/email.js";
import { enrollPasskey } from "./enroll/passkey.js";
import { enrollPassword } from "./enroll/password.js";
import { enrollPhone } from "./enroll/phone.js";
import { enrollPush } from "./enroll/push.js";
import { enrollRecoveryCode } from "./enroll/recovery-code.js";
import { enrollTotp } from "./enroll/totp.js";

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} text what it is for
 * @property {string} [add] text of the button that adds the first one, if there may be none
 * @property {string} [again] text of that button when there is one already
 * @property {boolean} [named] whether its methods can be renamed
 * @property {(api: import("./api.js").AccountApi) => Promise<string | undefined>} [enroll] resolves
 *   to what happened, or to nothing if the person gave up
 */

/** @type {Record<string, Kind>} in the order of the page */
const KINDS = {
  password: {
    title: "Password",
    text: "",
    again: "Change password",
    enroll: enrollPassword,
  },
  passkey: {
    title: "Passkeys",
    text: "Log in with your fingerprint, face or screen lock instead of a password.",
    add: "Add passkey",
    again: "Add another",
    named: true,
    enroll: enrollPasskey,
  },
  totp: {
    title: "Authenticator app",
    text: "Get a fresh code from an app on your phone, even without a network.",
    add: "Add authenticator app",
    again: "Add another",
    named: true,
    enroll: enrollTotp,
  },
  "push-notification": {
    title: "Push notification",
    text: "Approve a login with a tap in an app on your phone.",
    add: "Add a device",
    again: "Add another",
    named: true,
    enroll: enrollPush,
  },
  phone: {
    title: "Phone",
    text: "Get a code by text message or call.",
    add: "Add phone",
    again: "Add another",
    named: true,
    enroll: enrollPhone,
  },
  email: {
    title: "Email",
    text: "Get a code in an email.",
    add: "Add email address",
    again: "Add another",
    named: true,
    enroll: enrollEmail,
  },
  "recovery-code": {
    title: "Recovery code",
    text: "Gets you in once when you have lost everything else. Keep it in a safe place.",
    add: "Create recovery code",
    again: "Replace recovery code",
    enroll: enrollRecoveryCode,
  },
  "webauthn-roaming": {
    title: "Security key",
    text: "Confirm a login with a key that you plug in or hold to your device.",
    named: true,
  },
  "webauthn-platform": {
    title: "Device biometrics",
    text: "Confirm a login with your fingerprint, face or screen lock.",
    named: true,
  },
};

/**
 * @param {string} type
 * @returns {Kind}
 */
export function kindOf(type) {
  return KINDS[type] ?? { title: type, text: "" };
}

/**
 * The kinds to show: those the server offers, and those the person has anyway. A password is not
 * offered as a factor (it is how accounts begin), so it shows when there is one.
 * @param {import("./types.js").Factor[]} factors
 * @param {import("./types.js").Method[]} methods
 * @returns {{ type: string, offered: boolean, primary: boolean,
 *   methods: import("./types.js").Method[] }[]}
 */
export function groups(factors, methods) {
  const offered = new Set(factors.map((factor) => factor.type));
  const present = new Set(methods.map((method) => method.type));
  const known = Object.keys(KINDS);
  const types = [...known, ...[...offered, ...present].filter((type) => !known.includes(type))];
  return [...new Set(types)]
    .filter((type) => offered.has(type) || present.has(type))
    .map((type) => ({
      type,
      offered: offered.has(type) || type === "password",
      primary: type === "password" || type === "passkey",
      methods: methods.filter((method) => method.type === type),
    }));
}
