// What people have, seen by an operator through the unmodified auth0 package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { story } from "../lib/management.mjs";
import { authorizeUrl, pkce, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ tls: true });

/** Tells a story about somebody who has just signed up, and `did` more in that browser. */
async function run(name, did = async () => {}) {
  const { browser, id_token } = await signUp(here.server, newPerson(name.toLowerCase()));
  await did(browser);
  const { sub } = JSON.parse(Buffer.from(id_token.split(".")[1], "base64url"));
  const told = await story(here.server, name, {
    USER: sub,
    SPA: here.server.info.clients.spa.client_id,
  });
  return { user: sub, ...told };
}

test("gives people authentication methods and takes them away", async () => {
  const told = await run("methods");
  assert.equal(told.found.phone_number, "+12025550100");
  assert.equal(told.changed.name, "Hers");
  assert.ok(told.listed.some(({ id }) => id === told.made.id));
  assert.equal(told.enrolled.auth_method, "sms");
  assert.equal(told.enrollment.id, told.enrolled.id);
  assert.equal(told.missing.statusCode, 404);
  assert.deepEqual(told.replaced.map(({ type }) => type), ["email"]);
  assert.equal(told.noCode.statusCode, 404);
});

test("looks at sessions and ends them", async () => {
  const { user, listed, found, changed, missing } = await run("sessions");
  assert.equal(listed.length, 1);
  assert.equal(found.user_id, user);
  assert.deepEqual(changed.session_metadata, { desk: "7" });
  assert.equal(missing.statusCode, 404);
});

test("looks at refresh tokens and revokes them", async () => {
  const { user, listed, found, ofClient, changed, missing } = await run("refreshTokens");
  assert.equal(listed.length, 1);
  assert.equal(found.user_id, user);
  assert.deepEqual(ofClient.map(({ id }) => id), [found.id]);
  assert.deepEqual(changed.refresh_token_metadata, { desk: "7" });
  assert.equal(missing.statusCode, 404);
});

test("ends everything of a person at once", async () => {
  const { ended } = await run("endOfAccess");
  assert.deepEqual(ended.map(({ statusCode }) => statusCode), [404, 404]);
});

test("takes refresh tokens away as device credentials", async () => {
  const { user, listed, left } = await run("devices");
  assert.deepEqual(listed.map(({ user_id }) => user_id), [user]);
  assert.deepEqual(left, []);
});

test("takes approvals away", async () => {
  const { identifier: audience } = await story(here.server, "somethingToApprove");
  const { user, listed, left } = await run("approvals", async (browser) => {
    const { challenge } = pkce();
    const asked = authorizeUrl(here.server, { challenge, audience, scope: "read:z" });
    await browser.submit(await browser.open(asked), { action: "accept" });
  });
  assert.deepEqual(listed.map(({ user_id, audience }) => [user_id, audience]), [[user, audience]]);
  assert.deepEqual(listed[0].scope, ["read:z"]);
  assert.deepEqual(left, []);
});

test("lets people do more and less", async () => {
  const { direct, effective, left, organizations } = await run("permissions");
  assert.deepEqual(direct.map((one) => one.permission_name), ["read:y"]);
  assert.deepEqual(effective.map(({ sources }) => sources), [["direct"]]);
  assert.deepEqual([left, organizations], [[], []]);
});

test("imports and exports people", async () => {
  const { imported, errors, exported, mailed } = await run("jobs");
  const { total, inserted, failed } = imported.summary;
  assert.deepEqual({ total, inserted, failed }, { total: 4, inserted: 3, failed: 1 });
  assert.equal(errors.length, 1);
  assert.equal(mailed.status, "completed");
  const { pathname, search } = new URL(exported.location);
  const file = await here.server.request(pathname + search);
  assert.equal(file.status, 200);
});

test("makes links for people", async () => {
  const { password, address } = await run("tickets");
  for (const { ticket } of [password, address]) assert.ok(ticket.startsWith(here.server.info.issuer));
});
