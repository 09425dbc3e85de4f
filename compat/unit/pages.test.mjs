// The scriptless browser's reading of a form.

import assert from "node:assert/strict";
import { test } from "node:test";
import { primaryForm } from "../lib/pages.mjs";

test("takes the hidden fields of the primary form only, with entities decoded", () => {
  const html = `
    <form method="POST" data-form-secondary="true"><input type="hidden" name="connection" value="x"></form>
    <form method="POST" class="c" data-form-primary="true" action="/a?b=1&amp;c=2">
      <input type="hidden" name="state" value="a&quot;b&#x27;c&#38;d">
      <input type="password" name="decoy" value="not hidden">
    </form>`;
  const { action, hidden, names } = primaryForm(html);
  assert.equal(action, "/a?b=1&c=2");
  assert.deepEqual(hidden, { state: `a"b'c&d` });
  assert.deepEqual(names, ["state", "decoy"]);
});

test("a page without a primary form is an error, not an empty submission", () => {
  assert.throws(() => primaryForm("<p>Oops</p>"), /no primary form/);
});
