// Time-based one-time passwords, RFC 6238 over RFC 4226: what an authenticator app computes.

import { createHmac } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const PERIOD_MS = 30_000;

/** Bytes of an unpadded base32 text (RFC 4648 §6). */
export function base32Decode(text) {
  const bits = [...text]
    .map((letter) => {
      const value = ALPHABET.indexOf(letter);
      if (value < 0) throw new Error(`not base32: ${letter}`);
      return value.toString(2).padStart(5, "0");
    })
    .join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

/**
 * The code an app shows at `now` (milliseconds since the epoch).
 *
 * @param {Buffer} secret
 * @param {number} now
 * @param {number} [digits]
 */
export function totp(secret, now, digits = 6) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / PERIOD_MS)));
  const mac = createHmac("sha1", secret).update(counter).digest();
  const offset = mac[mac.length - 1] & 0xf; // RFC 4226 §5.3, dynamic truncation
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** Reads an `otpauth://` URI the way an app does that scanned it, and computes its code at `now`. */
export function codeFromUri(uri, now) {
  const url = new URL(uri);
  const expected = { algorithm: "SHA1", digits: "6", period: "30" };
  for (const [name, value] of Object.entries(expected)) {
    const given = url.searchParams.get(name) ?? value;
    if (given !== value) throw new Error(`${name}=${given}, but every app supports only ${value}`);
  }
  return totp(base32Decode(url.searchParams.get("secret")), now);
}
