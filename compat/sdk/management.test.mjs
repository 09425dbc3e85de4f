// The Management API through the unmodified auth0 package (node-auth0), in a process of its own that
// trusts the server's certificate authority. It speaks HTTPS whatever it is told.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { world } from "../lib/world.mjs";

const here = world({ tls: true });
const program = fileURLToPath(new URL("management-program.mjs", import.meta.url));

/** Runs one of the program's stories; what it prints last is its result. */
async function run(story) {
  const { client_id, client_secret } = here.server.info.clients.management;
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: here.server.info.ca_certificate,
    DOMAIN: here.server.info.domain,
    CLIENT_ID: client_id,
    CLIENT_SECRET: client_secret,
    SPA: here.server.info.clients.web.client_id,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [program, story], { env });
  return JSON.parse(stdout);
}

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

test("is told that the rest is not for it", async () => {
  const { refused } = await run("unserved");
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.errorCode, "insufficient_scope");
});
