// `housekey dev` as tools rely on it: what it writes, prints, seeds and keeps.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { AccountApi } from "../lib/account.mjs";
import { json } from "../lib/http.mjs";
import { authorizeUrl, CALLBACK, pkce, refresh, signIn, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { createDatabase, skipPostgres } from "../lib/postgres.mjs";
import { startServer } from "../lib/server.mjs";
import { world } from "../lib/world.mjs";

describe("a running server", () => {
  const here = world();

  test("dev.json says what a tool has to know", () => {
    const { info } = here.server;
    const { port } = here.server;
    assert.ok(port > 0, "port 0 picks a free one");
    assert.equal(info.domain, `localhost:${port}`);
    assert.equal(info.issuer, `http://localhost:${port}/`);
    assert.equal(info.my_account_audience, `${info.issuer}me/`);
    assert.equal(info.management_audience, `${info.issuer}api/v2/`);
    assert.equal(info.connection, "Username-Password-Authentication");
    assert.deepEqual(Object.keys(info.clients).sort(), ["management", "native", "spa", "web"]);
    for (const name of ["spa", "native"]) assert.deepEqual(Object.keys(info.clients[name]), ["client_id"]);
    for (const name of ["web", "management"]) {
      assert.deepEqual(Object.keys(info.clients[name]).sort(), ["client_id", "client_secret"]);
    }
    assert.match(info.user.user_id, /^auth0\|[0-9a-f]{24}$/);
    assert.equal(info.user.email, "demo@example.com");
    assert.equal(info.outbox, `${info.issuer}dev/outbox`);
    assert.equal(info.clock, `${info.issuer}dev/clock`);
    assert.equal(info.ca_certificate, null);
    assert.equal(info.pid, here.server.child.pid);
  });

  test("the terminal tells a person where to go and with which password", () => {
    const { info, log } = here.server;
    for (const text of [
      `${info.issuer}account`,
      info.user.email,
      info.user.password,
      info.my_account_audience,
    ]) {
      assert.ok(log.includes(text), `${text} is not in:\n${log}`);
    }
  });

  test("every seeded client signs people in, from both seeded addresses", async () => {
    for (const client of ["spa", "web", "native"]) {
      assert.ok((await signIn(here.server, here.server.info.user, { client })).access_token, client);
    }
    const { challenge } = pkce();
    const other = authorizeUrl(here.server, { challenge, redirect_uri: "http://localhost:5173" });
    assert.equal((await here.server.request(other)).status, 302);
  });

  test("the demo user has a password and nothing else; every factor is on offer", async () => {
    const account = new AccountApi(here.server, (await signIn(here.server)).access_token);
    assert.deepEqual(
      (await account.list()).map(({ type }) => type),
      ["password"],
    );
    const { factors } = (await account.call("GET", "/me/v1/factors")).json;
    const types = factors.map(({ type }) => type);
    for (const type of ["totp", "email", "recovery-code"]) assert.ok(types.includes(type), type);
    assert.equal(types.includes("password"), false);
    assert.ok(factors.every(({ usage }) => Array.isArray(usage)));
  });

  test("the clock moves and comes back", async () => {
    const read = async () => (await here.server.request("/dev/clock")).json;
    const post = (value) => here.server.request("/dev/clock", { method: "POST", ...json(value) });
    assert.equal((await read()).offset_seconds, 0);
    const moved = (await post({ advance_seconds: 901 })).json;
    assert.equal(moved.offset_seconds, 901);
    assert.match(moved.now, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(moved.now) - Date.now() - 901_000) < 30_000);
    assert.equal((await post({ advance_seconds: 99 })).json.offset_seconds, 1000);
    assert.equal((await post({ reset: true })).json.offset_seconds, 0);
    for (const wrong of [{}, { advance_seconds: "1" }, { advance_seconds: 1e300 }, [], null]) {
      const { status } = await post(wrong);
      assert.ok(status >= 400 && status < 500, `${JSON.stringify(wrong)}: ${status}`);
    }
    assert.equal((await read()).offset_seconds, 0);
  });

  test("the outbox lists newest first, filters, shows itself to people, and empties", async () => {
    const account = new AccountApi(here.server, (await signUp(here.server, newPerson())).access_token);
    const [first, second] = [newPerson("first").email, newPerson("second").email];
    await account.enroll({ type: "email", email: first });
    await account.enroll({ type: "email", email: second });
    const message = await here.server.message(second, ({ code }) => code);
    assert.deepEqual(Object.keys(message).sort(), [
      "channel",
      "code",
      "id",
      "link",
      "sent_at",
      "subject",
      "text",
      "to",
    ]);
    assert.equal(message.channel, "email");
    assert.match(message.code, /^\d{6}$/);
    assert.equal(message.link, null);
    assert.ok((await here.server.outbox(first)).every(({ to }) => to === first));
    const all = (await here.server.request("/dev/outbox")).json.map(({ sent_at }) => sent_at);
    assert.deepEqual(all, [...all].sort().reverse());
    const page = await here.server.request("/dev/outbox", { headers: { accept: "text/html" } });
    assert.match(page.headers["content-type"], /^text\/html/);
    assert.ok(page.text.includes(message.code));
    assert.equal((await here.server.request("/dev/outbox", { method: "DELETE" })).status, 204);
    assert.deepEqual((await here.server.request("/dev/outbox")).json, []);
  });

  test("a port that is taken is said, not crashed on", async () => {
    await assert.rejects(startServer({ port: here.server.port }), (error) => {
      assert.match(error.message, /in use/i);
      assert.doesNotMatch(error.message, /panicked/);
      return true;
    });
  });
});

for (const [title, skip, prepare] of [
  ["SQLite", false, async () => ({ url: undefined, drop: async () => {} })],
  ["PostgreSQL", skipPostgres, createDatabase],
]) {
  describe(`a restart on ${title}`, { skip }, () => {
    let database;
    let data;
    before(async () => {
      database = await prepare();
      data = await mkdtemp(path.join(tmpdir(), "housekey-restart-"));
    });
    after(async () => {
      await database?.drop();
      await rm(data, { recursive: true, force: true });
    });

    test("keeps people, methods, sessions, tokens, keys and clients", async () => {
      const place = { data, database: database.url };
      const first = await startServer(place);
      const person = newPerson();
      const { browser, access_token, refresh_token } = await signUp(first, person);
      const { method } = await new AccountApi(first, access_token).addAuthenticatorApp();
      const keys = (await first.request("/.well-known/jwks.json")).json;
      await first.stop();

      const second = await startServer({ ...place, port: first.port });
      try {
        assert.deepEqual(second.info.clients, first.info.clients);
        assert.deepEqual(second.info.user, first.info.user);
        assert.deepEqual((await second.request("/.well-known/jwks.json")).json, keys);
        const account = new AccountApi(second, access_token);
        assert.deepEqual(
          (await account.list()).find(({ id }) => id === method.id),
          method,
        );
        assert.equal((await refresh(second, refresh_token)).status, 200);
        const { challenge } = pkce();
        const { url } = await browser.open(authorizeUrl(second, { challenge, prompt: "none" }));
        assert.equal(url.origin, CALLBACK);
        assert.ok(url.searchParams.get("code"), "the browser is still signed in");
      } finally {
        await second.stop();
      }
    });
  });
}
