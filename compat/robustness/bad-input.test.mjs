// Hostile and careless requests to the My Account API: the contract's error, never a 5xx, and the
// person's methods exactly as before.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertProblem, METHODS, methodPath } from "../lib/account.mjs";
import { json } from "../lib/http.mjs";
import { world } from "../lib/world.mjs";
import { twoPeople } from "./people.mjs";

const JSON_TYPE = { "content-type": "application/json" };

const here = world();
const people = twoPeople(here);

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
      people.withoutEffect(async () => {
        assertProblem(await people.mine.call("POST", METHODS, { headers, body }), status, code);
      }));
  }

  const schema = [
    [null],
    [[]],
    ["totp"],
    [42],
    [{}],
    [{ type: 5 }],
    [{ type: null }],
    [{ type: "" }],
    [{ type: "sms" }],
    [{ type: "webauthn-roaming" }],
    [{ type: "totp", secret: "AAAA" }],
    [{ type: "email" }],
    [{ type: "email", email: 5 }],
    [{ type: "email", email: "not an address" }],
    [{ type: "email", email: "a\u0000b@example.com" }],
    [{ type: "email", email: `${"a".repeat(100_000)}@example.com` }],
    [{ type: "password", connection: "no spaces please" }],
    [{ type: "password", identity_user_id: "" }],
  ];
  for (const [value] of schema) {
    test(`POST ${JSON.stringify(value).slice(0, 60)}`, () =>
      people.withoutEffect(async () => {
        const problem = assertProblem(await people.mine.send("POST", METHODS, value), 400, "400-0003", {
          title: "Validation Error",
          detail: "Invalid request payload input",
        });
        assert.ok(problem.validation_errors.length > 0);
      }));
  }

  test("a missing member is named the way a JSON Schema validator names it", async () => {
    const { validation_errors } = (await people.mine.send("POST", METHODS, {})).json;
    assert.ok(
      validation_errors.some(
        ({ pointer, detail }) => pointer === "" && detail === "data must have required property 'type'",
      ),
      JSON.stringify(validation_errors),
    );
  });

  test("ten megabytes", () =>
    people.withoutEffect(async () => {
      const body = JSON.stringify({ type: "totp", padding: "x".repeat(10 * 1024 * 1024) });
      const answer = await people.mine.call("POST", METHODS, { headers: JSON_TYPE, body });
      assert.ok([400, 413].includes(answer.status), `${answer.status}`);
    }));

  test("somebody else's identity is forbidden", () =>
    people.withoutEffect(async () => {
      const answer = await people.mine.send("POST", METHODS, {
        type: "password",
        identity_user_id: "auth0|somebody-else",
      });
      assertProblem(answer, 403, "403-0001", { title: "Forbidden" });
    }));

  test("what no phone, passkey or security key is", () =>
    people.withoutEffect(async () => {
      for (const [request, status] of [
        [{ type: "phone" }, 400],
        [{ type: "phone", phone_number: "12345" }, 400],
        [{ type: "phone", phone_number: "+0" }, 400],
        [{ type: "phone", phone_number: 15005550006 }, 400],
        [{ type: "phone", phone_number: "+15005550006", preferred_authentication_method: "pigeon" }, 400],
        [{ type: "push-notification", device: "x" }, 400],
        [{ type: "passkey", connection: 1 }, 400],
        [{ type: "passkey", identity_user_id: "somebody-else" }, 403],
        [{ type: "webauthn-roaming" }, 400],
        [{ type: "webauthn-platform" }, 400],
      ]) {
        const answer = await people.mine.send("POST", METHODS, request);
        assert.equal(answer.status, status, `${JSON.stringify(request)}: ${answer.text}`);
      }
    }));

  test("a request with a charset, and a GET that claims to carry JSON, are fine", async () => {
    const headers = { "content-type": "application/json; charset=utf-8" };
    assert.equal((await people.mine.call("GET", METHODS, { headers })).status, 200);
    const enrolled = await people.mine.call("POST", METHODS, { headers, body: `{"type":"recovery-code"}` });
    assert.equal(enrolled.status, 202);
    const removed = await people.mine.call("DELETE", methodPath(enrolled.json.id), { headers });
    assert.equal(removed.status, 204);
  });
});

describe("addresses", () => {
  test("what is not there, or not mine, is not found", async () => {
    const [theirApp] = await people.theirs.list().then((list) => list.filter(({ type }) => type === "totp"));
    const ids = [
      theirApp.id,
      "totp|dev_AAAAAAAAAAAAAAAA",
      "passkey|new",
      "nonsense",
      "a|b|c",
      "\u0000",
      "ÿ",
      "x".repeat(5000),
    ];
    await people.withoutEffect(async () => {
      for (const id of ids) {
        for (const [method, value] of [["GET"], ["DELETE"], ["PATCH", { name: "mine now" }]]) {
          const answer = await people.mine.call(method, methodPath(id), value && json(value));
          assertProblem(answer, 404, "404-0002");
        }
        if (id === "passkey|new") continue; // the one address of that kind that can be verified
        const proof = { auth_session: "none", otp_code: "123456" };
        assertProblem(await people.mine.send("POST", `${methodPath(id)}/verify`, proof), 404, "404-0002");
      }
    });
  });

  test("a broken escape is the client's mistake", async () => {
    for (const id of ["%zz", "%", "%ff", "totp%7"]) {
      const { status } = await people.mine.call("GET", `${METHODS}/${id}`);
      assert.ok([400, 404].includes(status), `${id}: ${status}`);
    }
  });

  test("an unknown route or method says which", async () => {
    const routes = [
      ["GET", "/me/v1/nothing"],
      ["PUT", METHODS],
      ["GET", `${METHODS}/`],
      ["DELETE", METHODS],
      ["GET", "/me/v1"],
    ];
    for (const [method, path] of routes) {
      assertProblem(await people.mine.call(method, path), 404, "404-0001", {
        title: "Not Found",
        detail: `The requested resource ${method} ${path} was not found.`,
      });
    }
  });

  test("a filter that is no type, or two", async () => {
    const problem = assertProblem(await people.mine.call("GET", `${METHODS}?type=sms`), 400, "400-0003");
    assert.equal(problem.validation_errors[0].field, "type");
    assert.equal(problem.validation_errors[0].source, "query");
    assert.equal((await people.mine.call("GET", `${METHODS}?type=totp&type=email`)).status, 400);
    assert.equal((await people.mine.call("GET", `${METHODS}?unknown=1`)).status, 200);
  });

  test("every spelling of an id, with and without v1, is the same method", async () => {
    const [app] = await people.mine.list().then((list) => list.filter(({ type }) => type === "totp"));
    for (const separator of ["%7C", "%7c", "|"]) {
      for (const base of [METHODS, METHODS.replace("/v1", "")]) {
        const answer = await people.mine.call("GET", `${base}/${app.id.replace("|", separator)}`);
        assert.deepEqual(answer.json, app);
      }
    }
  });
});

describe("changes", () => {
  test("names of the wrong kind, and of methods that have none", () =>
    people.withoutEffect(async () => {
      const list = await people.mine.list();
      const id = (type) => list.find((method) => method.type === type).id;
      const refused = [
        ["totp", { name: 5 }],
        ["totp", { name: null }],
        ["totp", { name: "" }],
        ["totp", { name: "   " }],
        ["totp", { name: "x".repeat(101) }],
        ["totp", { nickname: "n" }],
        ["totp", []],
        ["totp", { preferred_authentication_method: "sms" }],
        ["password", { name: "mine" }],
      ];
      for (const [type, value] of refused) {
        const answer = await people.mine.send("PATCH", methodPath(id(type)), value);
        assert.equal(answer.status, 400, `${type} ${JSON.stringify(value)}: ${answer.text}`);
      }
      assert.equal(
        (await people.mine.send("PATCH", methodPath(id("totp")), {})).status,
        200,
        "an empty change is none",
      );
    }));

  test("a name may hold anything a person types", async () => {
    const { id } = (await people.mine.list()).find(({ type }) => type === "totp");
    for (const name of [
      "'; DROP TABLE methods; --",
      "<script>alert(1)</script>",
      "Ω≈ç√ 手机 📱",
      "x".repeat(100),
    ]) {
      assert.equal((await people.mine.send("PATCH", methodPath(id), { name })).json.name, name);
    }
    const { status } = await people.mine.send("PATCH", methodPath(id), { name: "a\u0000b" });
    assert.ok([200, 400].includes(status));
  });

  test("the only way in is not removed", () =>
    people.withoutEffect(async () => {
      const { id } = (await people.mine.list()).find(({ type }) => type === "password");
      assertProblem(await people.mine.call("DELETE", methodPath(id)), 409, "409-0001", { title: "Conflict" });
    }));
});
