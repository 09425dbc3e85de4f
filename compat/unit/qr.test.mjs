// The QR encoder of the account page, read back by a small decoder written from the standard
// (ISO/IEC 18004) and sharing no code with it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeQr } from "../../crates/web/assets/account/qr.js";

/** Error correction blocks of level M by version: [blocks, data codewords in each]… (table 9). */
const BLOCKS = {
  1: [[1, 16, 10]],
  2: [[1, 28, 16]],
  4: [[2, 32, 18]],
  5: [[2, 43, 24]],
  7: [[4, 31, 18]],
  8: [
    [2, 38, 22],
    [2, 39, 22],
  ],
  9: [
    [3, 36, 22],
    [2, 37, 22],
  ],
  10: [
    [4, 43, 26],
    [1, 44, 26],
  ],
};

/** Centres of the alignment patterns (annex E). */
const CENTRES = { 1: [], 2: [6, 18], 4: [6, 26], 5: [6, 30], 7: [6, 22, 38], 8: [6, 24, 42], 9: [6, 26, 46], 10: [6, 28, 50] };

/** Format information of level M, masks 0 to 7 (table C.1). */
const FORMATS = [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0];

/** Version information (table D.1). */
const VERSIONS = { 7: 0x07c94, 8: 0x085bc, 9: 0x09a99, 10: 0x0a4d3 };

const MASKS = [
  (i, j) => (i + j) % 2,
  (i) => i % 2,
  (i, j) => j % 3,
  (i, j) => (i + j) % 3,
  (i, j) => ((i >> 1) + Math.trunc(j / 3)) % 2,
  (i, j) => ((i * j) % 2) + ((i * j) % 3),
  (i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2,
  (i, j) => (((i * j) % 3) + ((i + j) % 2)) % 2,
];

/** Powers of the generator of GF(2⁸). */
const EXP = [];
for (let at = 0, value = 1; at < 255; at++, value = value & 128 ? (value << 1) ^ 0x11d : value << 1) EXP[at] = value;
const times = (a, b) => (a && b ? EXP[(EXP.indexOf(a) + EXP.indexOf(b)) % 255] : 0);

function isFunctionModule(version, row, column) {
  const size = 17 + 4 * version;
  if (row === 6 || column === 6) return true;
  if ((row < 9 && column < 9) || (row < 9 && column >= size - 8) || (row >= size - 8 && column < 9)) return true;
  if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true;
  return CENTRES[version].some((y, a, all) =>
    all.some((x, b) => {
      const last = all.length - 1;
      if ((a === 0 && (b === 0 || b === last)) || (a === last && b === 0)) return false;
      return Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2;
    }),
  );
}

function readFormat(modules) {
  const size = modules.length;
  const number = (cells) => cells.reduce((value, [row, column]) => value * 2 + Number(modules[row][column]), 0);
  const column8 = [0, 1, 2, 3, 4, 5, 7, 8].map((row) => [row, 8]).reverse();
  const row8 = [0, 1, 2, 3, 4, 5, 7].map((column) => [8, column]);
  const first = number([...row8, ...column8]);
  const second = number([
    ...Array.from({ length: 7 }, (_, at) => [size - 1 - at, 8]),
    ...Array.from({ length: 8 }, (_, at) => [8, size - 8 + at]),
  ]);
  assert.equal(first, second, "both copies of the format information agree");
  return FORMATS.indexOf(first);
}

function readVersion(modules) {
  const size = modules.length;
  let value = 0;
  for (let at = 17; at >= 0; at--) {
    const [near, far] = [Math.trunc(at / 3), size - 11 + (at % 3)];
    assert.equal(modules[near][far], modules[far][near], "both copies of the version agree");
    value = value * 2 + Number(modules[near][far]);
  }
  return value;
}

function readCodewords(modules, version, mask) {
  const size = modules.length;
  const bits = [];
  let upward = true;
  for (let right = size - 1; right > 0; right -= 2, upward = !upward) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step++) {
      const row = upward ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (isFunctionModule(version, row, column)) continue;
        bits.push(Number(modules[row][column]) ^ Number(MASKS[mask](row, column) === 0));
      }
    }
  }
  const bytes = [];
  for (let at = 0; at + 8 <= bits.length; at += 8) bytes.push(Number.parseInt(bits.slice(at, at + 8).join(""), 2));
  return bytes;
}

function unweave(words, version) {
  const blocks = BLOCKS[version].flatMap(([count, data, check]) =>
    Array.from({ length: count }, () => ({ data, check, words: [] })),
  );
  let at = 0;
  const longest = Math.max(...blocks.map((block) => block.data));
  for (let index = 0; index < longest; index++) {
    for (const block of blocks) if (index < block.data) block.words.push(words[at++]);
  }
  for (let index = 0; index < blocks[0].check; index++) for (const block of blocks) block.words.push(words[at++]);
  return blocks;
}

function decode(modules) {
  const version = (modules.length - 17) / 4;
  const mask = readFormat(modules);
  assert.notEqual(mask, -1, "format information is one of level M");
  if (version >= 7) assert.equal(readVersion(modules), VERSIONS[version]);
  const blocks = unweave(readCodewords(modules, version, mask), version);
  for (const { words, check } of blocks) {
    for (let root = 0; root < check; root++) {
      const syndrome = words.reduce((sum, word) => times(sum, EXP[root]) ^ word, 0);
      assert.equal(syndrome, 0, "check words fit the data");
    }
  }
  const bits = blocks.flatMap(({ words, data }) => words.slice(0, data)).map((word) => word.toString(2).padStart(8, "0")).join("");
  assert.equal(bits.slice(0, 4), "0100", "byte mode");
  const countBits = version < 10 ? 8 : 16;
  const length = Number.parseInt(bits.slice(4, 4 + countBits), 2);
  const payload = bits.slice(4 + countBits, 4 + countBits + 8 * length).match(/.{8}/g) ?? [];
  return { version, text: Buffer.from(payload.map((byte) => Number.parseInt(byte, 2))).toString("utf8") };
}

const URI =
  "otpauth://totp/Acme:auth0%7C0123456789abcdef01234567?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Acme&algorithm=SHA1&digits=6&period=30";

test("an enrolment URI reads back", () => {
  assert.deepEqual(decode(encodeQr(URI)), { version: 8, text: URI });
});

test("text of every length that changes the layout reads back in the smallest version", () => {
  for (const [length, version] of [
    [0, 1],
    [14, 1],
    [15, 2],
    [26, 2],
    [62, 4],
    [63, 5],
    [122, 7],
    [123, 8],
    [152, 8],
    [153, 9],
    [180, 9],
    [181, 10],
    [213, 10],
  ]) {
    const text = Array.from({ length }, (_, at) => String.fromCharCode(33 + ((at * 37 + length) % 94))).join("");
    assert.deepEqual(decode(encodeQr(text)), { version, text });
  }
});

test("text beyond ASCII travels as UTF-8", () => {
  assert.equal(decode(encodeQr("Zoë – 鍵")).text, "Zoë – 鍵");
});

test("finder patterns stand in three corners and the dark module in its place", () => {
  const modules = encodeQr("x");
  const finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"];
  const read = (row, column) =>
    finder.map((_, y) => modules[row + y].slice(column, column + 7).map(Number).join(""));
  const far = modules.length - 7;
  for (const [row, column] of [[0, 0], [0, far], [far, 0]]) assert.deepEqual(read(row, column), finder);
  assert.equal(modules[modules.length - 8][8], true);
});

test("more than a symbol can hold is refused", () => {
  assert.equal(encodeQr("x".repeat(2331)).length, 177);
  assert.throws(() => encodeQr("x".repeat(2332)), RangeError);
});
