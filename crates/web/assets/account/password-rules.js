/**
 * A password policy as a list of sentences, and for each whether a password meets it. Rules that
 * only the server can judge (history, dictionary, profile) are `null`.
 */

const KINDS = {
  lowercase: ["A lower-case letter", /[a-z]/],
  uppercase: ["An upper-case letter", /[A-Z]/],
  number: ["A number", /[0-9]/],
  special: ["A special character (!@#$%^&*)", /[!@#$%^&*]/],
};

/**
 * @typedef {object} Rule
 * @property {string} text
 * @property {((password: string) => boolean) | null} met
 */

/**
 * @param {import("./types.js").PasswordPolicy} policy
 * @returns {Rule[]}
 */
export function passwordRules({ complexity, profile_data, history, dictionary }) {
  const kinds = complexity.character_types.filter((kind) => kind in KINDS).map((kind) => KINDS[kind]);
  const rules = [minLength(complexity.min_length)];
  if (complexity.character_type_rule === "three_of_four") {
    rules.push({
      text: "At least three of: a lower-case letter, an upper-case letter, a number, a special character (!@#$%^&*)",
      met: (password) => kinds.filter(([, pattern]) => pattern.test(password)).length >= 3,
    });
  } else {
    rules.push(...kinds.map(([text, pattern]) => ({ text, met: (password) => pattern.test(password) })));
  }
  if (complexity.identical_characters === "block") {
    const met = (password) => !/(.)\1\1/u.test(password);
    rules.push({ text: "No character three times in a row", met });
  }
  if (complexity.sequential_characters === "block") {
    rules.push({ text: "No sequence such as “abc” or “321”", met: (password) => !hasSequence(password) });
  }
  if (profile_data.active) {
    rules.push({ text: "Not your name, username or email address", met: null });
  }
  if (dictionary.active) rules.push({ text: "Not a commonly used password", met: null });
  if (history.active) {
    const text =
      history.size === 1 ? "Not your current password" : `Not one of your last ${history.size} passwords`;
    rules.push({ text, met: null });
  }
  return rules;
}

/**
 * @param {number} length
 * @returns {Rule}
 */
function minLength(length) {
  return {
    text: `At least ${length} character${length === 1 ? "" : "s"}`,
    met: (password) => [...password].length >= length,
  };
}

/** @param {string} password */
function hasSequence(password) {
  const characters = [...password.toLowerCase()];
  return characters.some((_, at) => {
    const three = characters.slice(at, at + 3).join("");
    if (!/^([a-z]{3}|[0-9]{3})$/.test(three)) return false;
    const [first, second, third] = [...three].map((character) => character.charCodeAt(0));
    return Math.abs(second - first) === 1 && third - second === second - first;
  });
}
