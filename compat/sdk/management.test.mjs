// The Management API through the unmodified auth0 package (node-auth0), in a process of its own that
// trusts the server's certificate authority. It speaks HTTPS whatever it is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { story } from "../lib/management.mjs";
import { world } from "../lib/world.mjs";

const here = world({ tls: true });
const run = (name) => story(here.server, name);

test("creates, reads, pages through, updates and deletes APIs", async () => {
  const { made, found, named, listed, changed, missing } = await run("apis");
  assert.equal(made.identifier, "https://sdk.example/");
  assert.deepEqual(found, made);
  assert.deepEqual(named, made);
  assert.equal(listed.filter(({ id }) => id === made.id).length, 1);
  assert.equal(new Set(listed.map(({ id }) => id)).size, listed.length);
  assert.equal(changed.token_lifetime, 60);
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_resource_server" });
});

test("creates, reads, pages through, updates and deletes client grants", async () => {
  const { made, found, listed, changed, conflict, missing } = await run("grants");
  assert.deepEqual(made.scope, ["read:me:factors"]);
  assert.equal(made.subject_type, "client");
  assert.deepEqual(found, made);
  assert.ok(listed.some(({ id }) => id === made.id));
  assert.deepEqual(changed.scope, []);
  assert.equal(conflict.statusCode, 409);
  assert.equal(missing.statusCode, 404);
});

test("turns the My Account API off and on", async () => {
  const { off, on } = await run("activation");
  assert.equal(off.statusCode, 404);
  assert.equal(on.name, "Auth0 My Account API");
});

test("creates, reads, pages through, updates and deletes applications", async () => {
  const { made, found, listed, changed, rotated, everything, missing } = await run("applications");
  assert.equal(made.client_secret.length, 64);
  assert.deepEqual(found, made);
  assert.ok(listed.some(({ client_id }) => client_id === made.client_id));
  assert.ok(listed.every(({ global }) => global === false));
  assert.equal(changed.callbacks, undefined);
  assert.deepEqual(changed.client_metadata, { team: "growth" });
  assert.equal(changed.refresh_token.leeway, 5);
  assert.notEqual(rotated.client_secret, made.client_secret);
  assert.equal(everything.name, "All Applications");
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_client" });
});

test("creates, reads, pages through, updates and deletes connections", async () => {
  const { made, found, listed, changed, clients, missing } = await run("connections");
  assert.match(made.id, /^con_[A-Za-z0-9]{16}$/);
  assert.deepEqual(found, made);
  assert.deepEqual(listed.map(({ name }) => name).sort(), ["Username-Password-Authentication", "sdk"]);
  assert.equal(changed.options.passwordPolicy, "excellent");
  assert.deepEqual(clients, [{ client_id: here.server.info.clients.web.client_id }]);
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_connection" });
});

test("creates, finds, pages through, updates and deletes users", async () => {
  const { made, found, byEmail, listed, searched, changed, conflict, missing } = await run("users");
  assert.equal(made.email, "sdk@example.com");
  assert.deepEqual(found, made);
  assert.deepEqual(byEmail, [made]);
  assert.equal(listed.length, 2);
  assert.deepEqual(searched.map(({ user_id }) => user_id), [made.user_id]);
  assert.equal(changed.blocked, true);
  assert.deepEqual(changed.user_metadata, {});
  assert.deepEqual(conflict, { statusCode: 409, errorCode: "auth0_idp_error" });
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_user" });
});

test("gives people roles and takes them away", async () => {
  const { made, allowed, members, ofUser, inherited, changed, listed, missing } = await run("roles");
  assert.equal(made.name, "Reader");
  assert.deepEqual(allowed.map((one) => one.permission_name), ["read:x"]);
  assert.deepEqual(members.map(({ email }) => email), ["role@example.com"]);
  assert.deepEqual(ofUser.map(({ id }) => id), [made.id]);
  assert.deepEqual(inherited.map(({ sources }) => sources[0].source_type), ["ROLE"]);
  assert.equal(changed.description, "Reads all");
  assert.deepEqual(listed.map(({ id }) => id), [made.id]);
  assert.equal(missing.statusCode, 404);
});

test("is told that the rest is not for it", async () => {
  const { refused } = await run("unserved");
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.errorCode, "insufficient_scope");
});
