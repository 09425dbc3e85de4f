// Two people with an authenticator app each, fresh for every test, and the promise that an attack
// changed nothing for either.

import assert from "node:assert/strict";
import { beforeEach } from "node:test";
import { AccountApi } from "../lib/account.mjs";
import { signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";

/** @param {{ server: import("../lib/server.mjs").Server }} here */
export function twoPeople(here) {
  const people = {
    /** Runs `attack` and checks that nobody's methods changed by it. */
    async withoutEffect(attack) {
      const state = async () => [await people.mine.list(), await people.theirs.list()];
      const before = await state();
      await attack();
      assert.deepEqual(await state(), before, "something changed");
    },
  };
  const account = async () =>
    new AccountApi(here.server, (await signUp(here.server, newPerson())).access_token);
  beforeEach(async () => {
    await here.server.advance(5); // one address may not make accounts faster than this
    people.mine = await account();
    people.theirs = await account();
    await people.mine.addAuthenticatorApp();
    await people.theirs.addAuthenticatorApp();
  });
  return people;
}
