// The account page's live check of a new password against the policy the server announced.

import assert from "node:assert/strict";
import { test } from "node:test";

import { passwordRules } from "../../crates/web/assets/account/password-rules.js";

const policy = (complexity = {}, others = {}) => ({
  complexity: {
    min_length: 8,
    character_types: [],
    character_type_rule: "all",
    identical_characters: "allow",
    sequential_characters: "allow",
    max_length_exceeded: "error",
    ...complexity,
  },
  profile_data: { active: false, blocked_fields: [] },
  history: { active: false, size: 5 },
  dictionary: { active: false, default: "en_10k" },
  ...others,
});

const broken = (rules, password) => rules.filter((rule) => rule.met && !rule.met(password)).map((rule) => rule.text);

test("length counts characters, not UTF-16 units", () => {
  const rules = passwordRules(policy({ min_length: 4 }));
  assert.deepEqual(broken(rules, "🔑🔑🔑"), ["At least 4 characters"]);
  assert.deepEqual(broken(rules, "🔑🔑🔑🔑"), []);
});

test("every listed kind of character is asked for", () => {
  const rules = passwordRules(policy({ character_types: ["lowercase", "uppercase", "number", "special"] }));
  assert.deepEqual(broken(rules, "abcdefgh"), ["An upper-case letter", "A number", "A special character (!@#$%^&*)"]);
  assert.deepEqual(broken(rules, "aB3!aB3!"), []);
});

test("three of four is one rule", () => {
  const complexity = { character_types: ["lowercase", "uppercase", "number", "special"], character_type_rule: "three_of_four" };
  const rules = passwordRules(policy(complexity));
  assert.equal(rules.length, 2);
  assert.equal(broken(rules, "abcdEFGH").length, 1);
  assert.equal(broken(rules, "abcdEFG7").length, 0);
});

test("identical characters in a row are found, others are not", () => {
  const rules = passwordRules(policy({ identical_characters: "block" }));
  assert.equal(broken(rules, "abcaaa123").length, 1);
  assert.equal(broken(rules, "aabbaabb").length, 0);
});

test("sequences are found in both directions and only among letters or digits", () => {
  const rules = passwordRules(policy({ sequential_characters: "block" }));
  for (const password of ["xxABCxxx", "xx321xxx", "xxaBcxxx"]) assert.equal(broken(rules, password).length, 1, password);
  for (const password of ["xxabdxxx", "xx89:xxx", "aayz{xxx", "xxacexxx"]) {
    assert.equal(broken(rules, password).length, 0, password);
  }
});

test("what only the server can judge is listed and never called broken", () => {
  const rules = passwordRules(
    policy({}, { profile_data: { active: true, blocked_fields: ["name"] }, history: { active: true, size: 1 }, dictionary: { active: true, default: "en_10k" } }),
  );
  assert.deepEqual(
    rules.filter((rule) => rule.met === null).map((rule) => rule.text),
    ["Not your name, username or email address", "Not a commonly used password", "Not your current password"],
  );
});
