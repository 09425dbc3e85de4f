// Tokens as an attacker would make them (RFC 8725 lists the tricks).

import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const decode = (part) => JSON.parse(Buffer.from(part, "base64url"));

/** Header and claims, unverified. */
export function parts(token) {
  const [header, claims] = token.split(".");
  return { header: decode(header), claims: decode(claims) };
}

/** The same claims under `alg: none`, in the spellings that got past somebody once. */
export function unsigned(token, alg = "none") {
  const { header, claims } = parts(token);
  return `${encode({ ...header, alg })}.${encode(claims)}.`;
}

/** The same token with other claims under the old signature. */
export function altered(token, change) {
  const [header, , signature] = token.split(".");
  return `${header}.${encode({ ...parts(token).claims, ...change })}.${signature}`;
}

/** The same claims signed by a key of our own, claiming the server's key id. */
export function signedByStranger(token) {
  const { header, claims } = parts(token);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), privateKey).toString("base64url")}`;
}

/** The same claims under HS256, with the server's public key as the shared secret. */
export function confusedAlgorithm(token, jwk) {
  const { header, claims } = parts(token);
  const secret = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
  const input = `${encode({ ...header, alg: "HS256" })}.${encode(claims)}`;
  return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
}
