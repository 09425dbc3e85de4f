/**
 * QR codes (ISO/IEC 18004): byte mode, error correction level M, versions 1 to 40. Drawn here so
 * that the secret in the code never travels in a URL.
 */

/** Error correction codewords in each block, by version, level M (table 9). */
const CHECK_LENGTHS = [
  10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
];

/** Number of blocks, by version, level M (table 9). */
const BLOCK_COUNTS = [
  1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26,
  28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
];

/** The two bits of level M in the format information (table 12). */
const LEVEL_BITS = 0b00;

/** When a data mask inverts a module (table 10). */
const MASKS = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/**
 * @param {string} text
 * @returns {boolean[][]} rows of modules, true is dark, without the quiet zone
 */
export function encodeQr(text) {
  const bytes = new TextEncoder().encode(text);
  const version = smallestVersion(bytes.length);
  const codewords = interleave(dataCodewords(bytes, version), version);
  const { modules, reserved } = functionPatterns(version);
  placeCodewords(modules, reserved, codewords);
  return bestMask(modules, reserved);
}

/** @param {number} length in bytes */
function smallestVersion(length) {
  for (let version = 1; version <= 40; version++) {
    if (4 + countBits(version) + 8 * length <= 8 * dataLength(version)) return version;
  }
  throw new RangeError("too long for a QR code");
}

/** Bits of the character count in byte mode (table 3). */
const countBits = (version) => (version < 10 ? 8 : 16);

const sizeOf = (version) => 17 + 4 * version;

/** Codewords of a symbol: all modules less the function patterns, in whole bytes. */
function totalLength(version) {
  const alignments = alignmentPositions(version).length;
  const size = sizeOf(version);
  // Finder patterns with separators and format information; timing patterns.
  let modules = size * size - 3 * 64 - 31 - 2 * (size - 16);
  if (alignments) modules -= 25 * (alignments ** 2 - 3) - 10 * (alignments - 2);
  if (version >= 7) modules -= 36;
  return Math.floor(modules / 8);
}

function dataLength(version) {
  return totalLength(version) - CHECK_LENGTHS[version - 1] * BLOCK_COUNTS[version - 1];
}

/** Mode, count, bytes, terminator and padding (§7.4). */
function dataCodewords(bytes, version) {
  const bits = [];
  const push = (value, length) => {
    for (let at = length - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  push(0b0100, 4);
  push(bytes.length, countBits(version));
  bytes.forEach((byte) => push(byte, 8));
  const capacity = 8 * dataLength(version);
  push(0, Math.min(4, capacity - bits.length));
  push(0, -bits.length & 7);
  const words = [];
  for (let at = 0; at < bits.length; at += 8) words.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; words.length < capacity / 8; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** Splits data into blocks, adds each block's check words, and weaves them together (§7.6). */
function interleave(data, version) {
  const count = BLOCK_COUNTS[version - 1];
  const divisor = generator(CHECK_LENGTHS[version - 1]);
  const short = Math.floor(data.length / count);
  const longFrom = count - (data.length % count);
  const blocks = [];
  for (let at = 0, block = 0; block < count; block++) {
    const end = at + short + (block >= longFrom ? 1 : 0);
    blocks.push(data.slice(at, end));
    at = end;
  }
  return [...weave(blocks), ...weave(blocks.map((block) => remainder(block, divisor)))];
}

function weave(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  const woven = [];
  for (let at = 0; at < longest; at++) {
    for (const block of blocks) if (at < block.length) woven.push(block[at]);
  }
  return woven;
}

/** Product in GF(2⁸) modulo x⁸ + x⁴ + x³ + x² + 1. */
function multiply(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}

/** Coefficients of (x − 2⁰)(x − 2¹)…(x − 2^(degree−1)), highest first, without the leading 1. */
function generator(degree) {
  let polynomial = [1];
  for (let index = 0, root = 1; index < degree; index++, root = multiply(root, 2)) {
    polynomial = [...polynomial, 0].map(
      (value, at) => value ^ (at > 0 ? multiply(polynomial[at - 1], root) : 0),
    );
  }
  return polynomial.slice(1);
}

/** Reed–Solomon check words of one block. */
function remainder(block, divisor) {
  let rest = divisor.map(() => 0);
  for (const word of block) {
    const factor = word ^ rest[0];
    rest = [...rest.slice(1), 0].map((value, at) => value ^ multiply(divisor[at], factor));
  }
  return rest;
}

/** Centres of the alignment patterns, along either side (annex E). */
function alignmentPositions(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const last = sizeOf(version) - 7;
  const step = Math.ceil((last - 6) / (count - 1) / 2) * 2;
  // The one version whose table departs from the rule.
  const distance = version === 32 ? 26 : step;
  const rest = Array.from({ length: count - 1 }, (_, at) => last - at * distance);
  return [6, ...rest.reverse()];
}

/** Everything but data; `reserved` marks the modules data must leave alone. */
function functionPatterns(version) {
  const size = sizeOf(version);
  const grid = () => Array.from({ length: size }, () => Array(size).fill(false));
  const [modules, reserved] = [grid(), grid()];
  const set = (row, column, dark) => {
    if (row < 0 || column < 0 || row >= size || column >= size) return;
    modules[row][column] = dark;
    reserved[row][column] = true;
  };
  /** Concentric squares: the rings at the given distances from the centre are light. */
  const square = (row, column, radius, light) => {
    for (let y = -radius; y <= radius; y++) {
      for (let x = -radius; x <= radius; x++) {
        set(row + y, column + x, !light.includes(Math.max(Math.abs(x), Math.abs(y))));
      }
    }
  };
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]]) square(row, column, 4, [2, 4]);
  const centres = alignmentPositions(version);
  const last = centres.length - 1;
  centres.forEach((row, y) =>
    centres.forEach((column, x) => {
      const onFinder = (y === 0 && (x === 0 || x === last)) || (y === last && x === 0);
      if (!onFinder) square(row, column, 2, [1]);
    }),
  );
  drawFormat(0, size, set);
  if (version >= 7) drawVersion(version, size, set);
  return { modules, reserved };
}

/** Level and mask, twice, with their check bits (§7.9). */
function drawFormat(mask, size, set) {
  const data = (LEVEL_BITS << 3) | mask;
  const bits = ((data << 10) | checkBits(data, 10, 0x537)) ^ 0x5412;
  for (let at = 0; at < 15; at++) {
    const dark = ((bits >> at) & 1) === 1;
    if (at < 6) set(at, 8, dark);
    else if (at < 8) set(at + 1, 8, dark);
    else if (at === 8) set(8, 7, dark);
    else set(8, 14 - at, dark);
    if (at < 8) set(8, size - 1 - at, dark);
    else set(size - 15 + at, 8, dark);
  }
  set(size - 8, 8, true);
}

/** The version, twice, with its check bits (§7.10). */
function drawVersion(version, size, set) {
  const bits = (version << 12) | checkBits(version, 12, 0x1f25);
  for (let at = 0; at < 18; at++) {
    const dark = ((bits >> at) & 1) === 1;
    const [near, far] = [Math.floor(at / 3), size - 11 + (at % 3)];
    set(near, far, dark);
    set(far, near, dark);
  }
}

/** Remainder of a BCH code. */
function checkBits(data, length, divisor) {
  let rest = data;
  for (let at = 0; at < length; at++) rest = (rest << 1) ^ ((rest >> (length - 1)) * divisor);
  return rest;
}

/** Fills the free modules in two-module columns, from the right, up and down in turn (§7.7.3). */
function placeCodewords(modules, reserved, codewords) {
  const size = modules.length;
  let at = 0;
  for (let right = size - 1, upward = true; right > 0; right -= 2, upward = !upward) {
    // The vertical timing pattern takes a column of its own.
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const row = upward ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (reserved[row][column]) continue;
        modules[row][column] = ((codewords[at >> 3] >> (7 - (at & 7))) & 1) === 1;
        at += 1;
      }
    }
  }
}

/** Applies each mask and keeps the result that is easiest to scan (§7.8). */
function bestMask(modules, reserved) {
  const candidates = MASKS.map((inverts, mask) => {
    const masked = modules.map((cells, row) =>
      cells.map((dark, column) => dark !== (!reserved[row][column] && inverts(row, column))),
    );
    drawFormat(mask, masked.length, (row, column, dark) => (masked[row][column] = dark));
    return { masked, score: penalty(masked) };
  });
  return candidates.reduce((best, next) => (next.score < best.score ? next : best)).masked;
}

/** How hard a symbol is to scan (table 11). */
function penalty(modules) {
  const size = modules.length;
  const columns = modules.map((_, column) => modules.map((cells) => cells[column]));
  let score = 0;
  for (const line of [...modules, ...columns]) {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    for (const [run] of text.matchAll(/0{5,}|1{5,}/g)) score += run.length - 2;
    // Looks like a finder pattern: 1:1:3:1:1 with four light modules on a side.
    score += 40 * [...`0000${text}0000`.matchAll(/(?=00001011101|10111010000)/g)].length;
  }
  for (let row = 1; row < size; row++) {
    for (let column = 1; column < size; column++) {
      const dark = modules[row][column];
      const same = [modules[row - 1][column], modules[row][column - 1], modules[row - 1][column - 1]];
      if (same.every((other) => other === dark)) score += 3;
    }
  }
  const share = modules.flat().filter(Boolean).length / (size * size);
  return score + 10 * Math.floor(Math.abs(share * 20 - 10));
}
