// Hostile and careless requests to the My Account API: the contract's error, never a 5xx, and the
// person's methods exactly as before.

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { AccountApi, assertProblem, METHODS, methodPath } from "../lib/account.mjs";
import { json } from "../lib/http.mjs";
import { refresh, signUp } from "../lib/oauth.mjs";
import { newPerson, PASSWORD } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const JSON_TYPE = { "content-type": "application/json" };

const here = world();
let mine;
let theirs;
beforeEach(async () => {
  await here.server.advance(5); // one address may not make accounts faster than this
  const account = async () => new AccountApi(here.server, (await signUp(here.server, newPerson())).access_token);
  [mine, theirs] = [await account(), await account()];
  await mine.addAuthenticatorApp();
  await theirs.addAuthenticatorApp();
});

/** Runs `attack` and checks that nobody's methods changed by it. */
async function withoutEffect(attack) {
  const state = async () => [await mine.list(), await theirs.list()];
  const before = await state();
  await attack();
  assert.deepEqual(await state(), before, "something changed");
}

describe("bodies", () => {
  const raw = [
    ["no body, no content type", undefined, {}, 415, "415-0001"],
    ["a form", "type=totp", { "content-type": "application/x-www-form-urlencoded" }, 415, "415-0001"],
    ["plain text", `{"type":"totp"}`, { "content-type": "text/plain" }, 415, "415-0001"],
    ["an empty body", "", JSON_TYPE, 400, "400-0001"],
    ["half of a document", `{"type":"totp"`, JSON_TYPE, 400, "400-0001"],
    ["two documents", `{"type":"totp"}{}`, JSON_TYPE, 400, "400-0001"],
    ["bytes that are no UTF-8", Buffer.from(`{"type":"\xff\xfe"}`, "latin1"), JSON_TYPE, 400, "400-0001"],
    ["half of a surrogate pair", `{"type":"\\ud800"}`, JSON_TYPE, 400, "400-0001"],
    ["a hundred thousand brackets", "[".repeat(100_000), JSON_TYPE, 400, "400-0001"],
  ];
  for (const [title, body, headers, status, code] of raw) {
    test(`POST with ${title}`, () =>
      withoutEffect(async () => {
        assertProblem(await mine.call("POST", METHODS, { headers, body }), status, code);
      }));
  }

  const schema = [
    [null], [[]], ["totp"], [42], [{}], [{ type: 5 }], [{ type: null }], [{ type: "" }], [{ type: "sms" }],
    [{ type: "webauthn-roaming" }], [{ type: "totp", secret: "AAAA" }], [{ type: "email" }], [{ type: "email", email: 5 }],
    [{ type: "email", email: "not an address" }], [{ type: "email", email: "a\u0000b@example.com" }],
    [{ type: "email", email: `${"a".repeat(100_000)}@example.com` }], [{ type: "password", connection: "no spaces please" }],
    [{ type: "password", identity_user_id: "" }],
  ];
  for (const [value] of schema) {
    test(`POST ${JSON.stringify(value).slice(0, 60)}`, () =>
      withoutEffect(async () => {
        const problem = assertProblem(await mine.send("POST", METHODS, value), 400, "400-0003", {
          title: "Validation Error",
          detail: "Invalid request payload input",
        });
        assert.ok(problem.validation_errors.length > 0);
      }));
  }

  test("a missing member is named the way a JSON Schema validator names it", async () => {
    const { validation_errors } = (await mine.send("POST", METHODS, {})).json;
    assert.ok(
      validation_errors.some(({ pointer, detail }) => pointer === "" && detail === "data must have required property 'type'"),
      JSON.stringify(validation_errors),
    );
  });

  test("ten megabytes", () =>
    withoutEffect(async () => {
      const body = JSON.stringify({ type: "totp", padding: "x".repeat(10 * 1024 * 1024) });
      const answer = await mine.call("POST", METHODS, { headers: JSON_TYPE, body });
      assert.ok([400, 413].includes(answer.status), `${answer.status}`);
    }));

  test("somebody else's identity is forbidden", () =>
    withoutEffect(async () => {
      const answer = await mine.send("POST", METHODS, { type: "password", identity_user_id: "auth0|somebody-else" });
      assertProblem(answer, 403, "403-0001", { title: "Forbidden" });
    }));

  test("types without an enrolment here yet answer clearly", () =>
    withoutEffect(async () => {
      for (const request of [{ type: "push-notification" }, { type: "phone", phone_number: "+15005550006" }, { type: "passkey" }]) {
        const { status } = await mine.send("POST", METHODS, request);
        assert.ok(status >= 400 && status < 500, `${request.type}: ${status}`);
      }
    }));

  test("a request with a charset, and a GET that claims to carry JSON, are fine", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    assert.equal((await mine.call("GET", METHODS, { headers })).status, 200);
    const enrolled = await mine.call("POST", METHODS, { headers, body: `{"type":"recovery-code"}` });
    assert.equal(enrolled.status, 202);
    const removed = await mine.call("DELETE", methodPath(enrolled.json.id), { headers });
    assert.equal(removed.status, 204);
  });
});

describe("addresses", () => {
  test("what is not there, or not mine, is not found", async () => {
    const [theirApp] = await theirs.list().then((list) => list.filter(({ type }) => type === "totp"));
    const ids = [theirApp.id, "totp|dev_AAAAAAAAAAAAAAAA", "passkey|new", "nonsense", "a|b|c", "\u0000", "ÿ", "x".repeat(5000)];
    await withoutEffect(async () => {
      for (const id of ids) {
        for (const [method, value] of [["GET"], ["DELETE"], ["PATCH", { name: "mine now" }]]) {
          const answer = await mine.call(method, methodPath(id), value && json(value));
          assertProblem(answer, 404, "404-0002");
        }
        if (id === "passkey|new") continue; // the one address of that kind that can be verified
        const proof = { auth_session: "none", otp_code: "123456" };
        assertProblem(await mine.send("POST", `${methodPath(id)}/verify`, proof), 404, "404-0002");
      }
    });
  });

  test("a broken escape is the client's mistake", async () => {
    for (const id of ["%zz", "%", "%ff", "totp%7"]) {
      const { status } = await mine.call("GET", `${METHODS}/${id}`);
      assert.ok([400, 404].includes(status), `${id}: ${status}`);
    }
  });

  test("an unknown route or method says which", async () => {
    const routes = [["GET", "/me/v1/nothing"], ["PUT", METHODS], ["GET", `${METHODS}/`], ["DELETE", METHODS], ["GET", "/me/v1"]];
    for (const [method, path] of routes) {
      assertProblem(await mine.call(method, path), 404, "404-0001", {
        title: "Not Found",
        detail: `The requested resource ${method} ${path} was not found.`,
      });
    }
  });

  test("a filter that is no type, or two", async () => {
    const problem = assertProblem(await mine.call("GET", `${METHODS}?type=sms`), 400, "400-0003");
    assert.equal(problem.validation_errors[0].field, "type");
    assert.equal(problem.validation_errors[0].source, "query");
    assert.equal((await mine.call("GET", `${METHODS}?type=totp&type=email`)).status, 400);
    assert.equal((await mine.call("GET", `${METHODS}?unknown=1`)).status, 200);
  });

  test("every spelling of an id, with and without v1, is the same method", async () => {
    const [app] = await mine.list().then((list) => list.filter(({ type }) => type === "totp"));
    for (const separator of ["%7C", "%7c", "|"]) {
      for (const base of [METHODS, METHODS.replace("/v1", "")]) {
        const answer = await mine.call("GET", `${base}/${app.id.replace("|", separator)}`);
        assert.deepEqual(answer.json, app);
      }
    }
  });
});

describe("changes", () => {
  test("names of the wrong kind, and of methods that have none", () =>
    withoutEffect(async () => {
      const list = await mine.list();
      const id = (type) => list.find((method) => method.type === type).id;
      const refused = [
        ["totp", { name: 5 }], ["totp", { name: null }], ["totp", { name: "" }], ["totp", { name: "   " }],
        ["totp", { name: "x".repeat(101) }], ["totp", { nickname: "n" }], ["totp", []],
        ["totp", { preferred_authentication_method: "sms" }], ["password", { name: "mine" }],
      ];
      for (const [type, value] of refused) {
        const answer = await mine.send("PATCH", methodPath(id(type)), value);
        assert.equal(answer.status, 400, `${type} ${JSON.stringify(value)}: ${answer.text}`);
      }
      assert.equal((await mine.send("PATCH", methodPath(id("totp")), {})).status, 200, "an empty change is none");
    }));

  test("a name may hold anything a person types", async () => {
    const { id } = (await mine.list()).find(({ type }) => type === "totp");
    for (const name of ["'; DROP TABLE methods; --", "<script>alert(1)</script>", "Ω≈ç√ 手机 📱", "x".repeat(100)]) {
      assert.equal((await mine.send("PATCH", methodPath(id), { name })).json.name, name);
    }
    const { status } = await mine.send("PATCH", methodPath(id), { name: "a\u0000b" });
    assert.ok([200, 400].includes(status));
  });

  test("the only way in is not removed", () =>
    withoutEffect(async () => {
      const { id } = (await mine.list()).find(({ type }) => type === "password");
      assertProblem(await mine.call("DELETE", methodPath(id)), 409, "409-0001", { title: "Conflict" });
    }));
});

describe("verification", () => {
  test("proofs of the wrong shape", async () => {
    const enrollment = await mine.enroll({ type: "totp" });
    await withoutEffect(async () => {
      for (const otp_code of [123456, "", null, undefined]) {
        assertProblem(await mine.verify(enrollment, { otp_code }), 400, "400-0003");
      }
      for (const auth_session of [5, null, undefined]) {
        const proof = { otp_code: await mine.appCode(enrollment) };
        assertProblem(await mine.verify({ ...enrollment, auth_session }, proof), 400, "400-0003");
      }
    });
  });

  test("a wrong code is told in the words that account screens compare, and costs nothing else", async () => {
    const enrollment = await mine.enroll({ type: "totp" });
    const right = await mine.appCode(enrollment);
    const otp_code = String((Number(right) + 500_000) % 1_000_000).padStart(6, "0");
    await withoutEffect(async () => {
      const answer = await mine.verify(enrollment, { otp_code });
      assertProblem(answer, 403, "403-0001", { title: "Forbidden", detail: "invalid code", error: "invalid_code" });
    });
    assert.equal((await mine.verify(enrollment, { otp_code: await mine.appCode(enrollment) })).status, 201);
  });

  test("codes are guessed ten times, not eleven", async () => {
    const enrollment = await mine.enroll({ type: "totp" });
    const right = await mine.appCode(enrollment);
    const guess = (offset) => String((Number(right) + 300_000 + offset) % 1_000_000).padStart(6, "0");
    for (let tries = 0; tries < 10; tries += 1) {
      assert.equal((await mine.verify(enrollment, { otp_code: guess(tries) })).status, 403);
    }
    const answer = await mine.verify(enrollment, { otp_code: await mine.appCode(enrollment) });
    assertProblem(answer, 429, "429-0001");
    assert.ok(Number(answer.headers["retry-after"]) >= 1);
    assert.equal((await mine.list()).filter(({ type, confirmed }) => type === "totp" && confirmed).length, 1);
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
    const { enrollment } = await mine.addAuthenticatorApp();
    await withoutEffect(async () => {
      assertProblem(await mine.verify(enrollment, { otp_code: await mine.appCode(enrollment) }), 409, "409-0001");
    });
  });

  test("an auth_session is good for its own person, method and type only", async () => {
    const own = await mine.enroll({ type: "totp" });
    const other = await theirs.enroll({ type: "totp" });
    const email = await mine.enroll({ type: "email", email: newPerson().email });
    await withoutEffect(async () => {
      for (const auth_session of [other.auth_session, email.auth_session, "Fe26.2**made-up", "", "x".repeat(4000)]) {
        const answer = await mine.verify({ ...own, auth_session }, { otp_code: await mine.appCode(own) });
        assert.ok([400, 403].includes(answer.status), `${answer.status} ${answer.text}`);
      }
      const crossed = await theirs.verify(own, { otp_code: await mine.appCode(own) });
      assert.ok([403, 404].includes(crossed.status), crossed.text);
    });
    assert.equal((await mine.verify(own, { otp_code: await mine.appCode(own) })).status, 201, "none of it used it up");
  });

  test("a started enrolment is replaced by the next of its kind", async () => {
    const first = await mine.enroll({ type: "totp" });
    const second = await mine.enroll({ type: "totp" });
    const answer = await mine.verify(first, { otp_code: await mine.appCode(first) });
    assert.ok([403, 404].includes(answer.status), answer.text);
    assert.equal((await mine.verify(second, { otp_code: await mine.appCode(second) })).status, 201);
  });

  test("a password against the policy, once per broken rule", async () => {
    const enrollment = await mine.enroll({ type: "password" });
    for (const new_password of ["short", PASSWORD, "Password1!Password1!", "a".repeat(300), "tab\tinside-A1!x"]) {
      const answer = await mine.verify(enrollment, { new_password });
      if (answer.status === 201) assert.equal(new_password, PASSWORD, "only an inactive history lets the old one through");
      else assertProblem(answer, 400, "400-0003");
    }
    const { validation_errors } = (await mine.verify(await mine.enroll({ type: "password" }), { new_password: "short" })).json;
    assert.ok(validation_errors.every(({ pointer }) => pointer === "/new_password"));
    assert.ok(validation_errors.some(({ detail }) => detail.startsWith("PasswordStrengthError: ")));
  });
});
