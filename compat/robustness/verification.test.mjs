// Proofs that prove nothing: what does not finish an enrolment, and costs nobody anything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountApi, assertProblem, methodPath } from "../lib/account.mjs";
import { refresh, signUp } from "../lib/oauth.mjs";
import { newPerson, PASSWORD } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";
import { twoPeople } from "./people.mjs";

const here = world();
const people = twoPeople(here);

test("proofs of the wrong shape", async () => {
  const enrollment = await people.mine.enroll({ type: "totp" });
  await people.withoutEffect(async () => {
    for (const otp_code of [123456, "", null, undefined]) {
      assertProblem(await people.mine.verify(enrollment, { otp_code }), 400, "400-0003");
    }
    for (const auth_session of [5, null, undefined]) {
      const proof = { otp_code: await people.mine.appCode(enrollment) };
      assertProblem(await people.mine.verify({ ...enrollment, auth_session }, proof), 400, "400-0003");
    }
  });
});

test("a wrong code is told in the words that account screens compare, and costs nothing else", async () => {
  const enrollment = await people.mine.enroll({ type: "totp" });
  const right = await people.mine.appCode(enrollment);
  const otp_code = String((Number(right) + 500_000) % 1_000_000).padStart(6, "0");
  await people.withoutEffect(async () => {
    const answer = await people.mine.verify(enrollment, { otp_code });
    assertProblem(answer, 403, "403-0001", {
      title: "Forbidden",
      detail: "invalid code",
      error: "invalid_code",
    });
  });
  assert.equal(
    (await people.mine.verify(enrollment, { otp_code: await people.mine.appCode(enrollment) })).status,
    201,
  );
});

test("codes are guessed ten times, not eleven", async () => {
  const enrollment = await people.mine.enroll({ type: "totp" });
  const right = await people.mine.appCode(enrollment);
  const guess = (offset) => String((Number(right) + 300_000 + offset) % 1_000_000).padStart(6, "0");
  for (let tries = 0; tries < 10; tries += 1) {
    assert.equal((await people.mine.verify(enrollment, { otp_code: guess(tries) })).status, 403);
  }
  const answer = await people.mine.verify(enrollment, { otp_code: await people.mine.appCode(enrollment) });
  assertProblem(answer, 429, "429-0001");
  assert.ok(Number(answer.headers["retry-after"]) >= 1);
  assert.equal(
    (await people.mine.list()).filter(({ type, confirmed }) => type === "totp" && confirmed).length,
    1,
  );
});

test("an enrolment expires, in words without “invalid” or “incorrect”", async () => {
  const { access_token, refresh_token } = await signUp(here.server, newPerson());
  const account = new AccountApi(here.server, access_token);
  const enrollment = await account.enroll({ type: "totp" });
  await here.server.advance(601);
  account.accessToken = (await refresh(here.server, refresh_token)).json.access_token;
  const answer = await account.verify(enrollment, { otp_code: await account.appCode(enrollment) });
  assertProblem(answer, 403, "403-0001", { detail: "The enrollment has expired." });
  const { confirmed } = (await account.call("GET", methodPath(enrollment.id))).json;
  assert.notEqual(confirmed, true);
});

test("a proof counts once", async () => {
  const { enrollment } = await people.mine.addAuthenticatorApp();
  await people.withoutEffect(async () => {
    assertProblem(
      await people.mine.verify(enrollment, { otp_code: await people.mine.appCode(enrollment) }),
      409,
      "409-0001",
    );
  });
});

test("an auth_session is good for its own person, method and type only", async () => {
  const own = await people.mine.enroll({ type: "totp" });
  const other = await people.theirs.enroll({ type: "totp" });
  const email = await people.mine.enroll({ type: "email", email: newPerson().email });
  await people.withoutEffect(async () => {
    for (const auth_session of [
      other.auth_session,
      email.auth_session,
      "Fe26.2**made-up",
      "",
      "x".repeat(4000),
    ]) {
      const answer = await people.mine.verify(
        { ...own, auth_session },
        { otp_code: await people.mine.appCode(own) },
      );
      assert.ok([400, 403].includes(answer.status), `${answer.status} ${answer.text}`);
    }
    const crossed = await people.theirs.verify(own, { otp_code: await people.mine.appCode(own) });
    assert.ok([403, 404].includes(crossed.status), crossed.text);
  });
  assert.equal(
    (await people.mine.verify(own, { otp_code: await people.mine.appCode(own) })).status,
    201,
    "none of it used it up",
  );
});

test("a started enrolment is replaced by the next of its kind", async () => {
  const first = await people.mine.enroll({ type: "totp" });
  const second = await people.mine.enroll({ type: "totp" });
  const answer = await people.mine.verify(first, { otp_code: await people.mine.appCode(first) });
  assert.ok([403, 404].includes(answer.status), answer.text);
  assert.equal(
    (await people.mine.verify(second, { otp_code: await people.mine.appCode(second) })).status,
    201,
  );
});

test("a password against the policy, once per broken rule", async () => {
  const enrollment = await people.mine.enroll({ type: "password" });
  for (const new_password of [
    "short",
    PASSWORD,
    "Password1!Password1!",
    "a".repeat(300),
    "tab\tinside-A1!x",
  ]) {
    const answer = await people.mine.verify(enrollment, { new_password });
    if (answer.status === 201)
      assert.equal(new_password, PASSWORD, "only an inactive history lets the old one through");
    else assertProblem(answer, 400, "400-0003");
  }
  const { validation_errors } = (
    await people.mine.verify(await people.mine.enroll({ type: "password" }), { new_password: "short" })
  ).json;
  assert.ok(validation_errors.every(({ pointer }) => pointer === "/new_password"));
  assert.ok(validation_errors.some(({ detail }) => detail.startsWith("PasswordStrengthError: ")));
});
