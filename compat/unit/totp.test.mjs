// The test tools' own authenticator app, against the published vectors.

import assert from "node:assert/strict";
import { test } from "node:test";
import { base32Decode, codeFromUri, totp } from "../lib/totp.mjs";

const SECRET = Buffer.from("12345678901234567890");

test("RFC 6238 appendix B, SHA-1 rows", () => {
  const rows = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ];
  for (const [seconds, code] of rows) assert.equal(totp(SECRET, seconds * 1000, 8), code);
});

test("RFC 4648 §10 base32 vectors, unpadded", () => {
  for (const [text, plain] of [
    ["MY", "f"],
    ["MZXQ", "fo"],
    ["MZXW6", "foo"],
    ["MZXW6YTBOI", "foobar"],
  ]) {
    assert.equal(base32Decode(text).toString(), plain);
  }
  assert.throws(() => base32Decode("mzxw6"), /not base32/);
});

test("a URI with parameters an app would ignore is refused", () => {
  const uri = "otpauth://totp/t:u?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6";
  assert.equal(codeFromUri(uri, 59_000), "287082");
  assert.throws(() => codeFromUri(`${uri}&algorithm=SHA256`, 0), /SHA256/);
});
