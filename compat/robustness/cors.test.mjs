// What scripts of other origins may ask and read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { METHODS } from "../lib/account.mjs";
import { CALLBACK, signIn } from "../lib/oauth.mjs";
import { world } from "../lib/world.mjs";

const here = world();

const preflight = (origin, target) =>
  here.server.request(target, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization, content-type, auth0-client",
    },
  });

test("a registered origin may call and read what it needs", async () => {
  for (const target of [METHODS, "/oauth/token"]) {
    const { status, headers } = await preflight(CALLBACK, target);
    assert.equal(status, 204, target);
    assert.equal(headers["access-control-allow-origin"], CALLBACK);
    for (const header of ["authorization", "content-type", "auth0-client"]) {
      assert.match(headers["access-control-allow-headers"].toLowerCase(), new RegExp(`\\b${header}\\b`));
    }
  }
  const authorization = `Bearer ${(await signIn(here.server)).access_token}`;
  const { headers } = await here.server.request(METHODS, { headers: { origin: CALLBACK, authorization } });
  assert.equal(headers["access-control-allow-origin"], CALLBACK);
  assert.match(headers["access-control-expose-headers"], /Location/i);
  assert.match(headers.vary, /origin/i);
  const failed = await here.server.request(METHODS, { headers: { origin: CALLBACK } });
  assert.equal(failed.status, 401);
  assert.equal(failed.headers["access-control-allow-origin"], CALLBACK, "an error has to be readable too");
});

test("another origin gets no say", async () => {
  for (const target of [METHODS, "/oauth/token"]) {
    const { headers } = await preflight("https://evil.example", target);
    assert.equal(headers["access-control-allow-origin"], undefined, target);
  }
  const authorization = `Bearer ${(await signIn(here.server)).access_token}`;
  const answer = await here.server.request(METHODS, {
    headers: { origin: "https://evil.example", authorization },
  });
  assert.equal(answer.status, 200, "served all the same: the token is not ambient");
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
});

test("only /me and the token endpoint are there for scripts", async () => {
  const { headers } = await here.server.request("/authorize", { headers: { origin: CALLBACK } });
  assert.equal(headers["access-control-allow-origin"], undefined);
});
