// Access tokens that are not what they seem, at the My Account API.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { before, describe, test } from "node:test";
import { assertProblem, checkAnswer, METHODS } from "../lib/account.mjs";
import { altered, confusedAlgorithm, parts, signedByStranger, unsigned } from "../lib/jwt.mjs";
import { signIn } from "../lib/oauth.mjs";
import { startServer } from "../lib/server.mjs";
import { world } from "../lib/world.mjs";

const here = world();
let tokens;
before(async () => (tokens = await signIn(here.server)));

/** One call under /me with this Authorization header. */
async function me(authorization, { target = METHODS, at = here.server, ...options } = {}) {
  const answer = await at.request(target, { headers: authorization ? { authorization } : {}, ...options });
  checkAnswer("GET", target, answer);
  return answer;
}

describe("at the My Account API", () => {
  test("no token", async () => {
    assertProblem(await me(undefined), 401, "401-0002", {
      title: "Missing Token",
      detail: "No auth token provided.",
    });
  });

  test("a token in the query is no token", async () => {
    assertProblem(
      await me(undefined, { target: `${METHODS}?access_token=${tokens.access_token}` }),
      401,
      "401-0002",
    );
  });

  test("the scheme in any letter case", async () => {
    for (const scheme of ["Bearer", "bearer", "BEARER"]) {
      assert.equal((await me(`${scheme} ${tokens.access_token}`)).status, 200);
    }
  });

  test("forged, altered and misused tokens", async () => {
    const { access_token, id_token, refresh_token } = tokens;
    const [jwk] = (await here.server.request("/.well-known/jwks.json")).json.keys;
    const { claims } = parts(access_token);
    const stranger = await startServer();
    const foreign = (await signIn(stranger)).access_token;
    await stranger.stop();
    const bad = {
      "alg none": unsigned(access_token),
      "alg None": unsigned(access_token, "None"),
      "alg HS256 with the public key": confusedAlgorithm(access_token, jwk),
      "another key under our key id": signedByStranger(access_token),
      "longer life": altered(access_token, { exp: claims.exp + 3600 }),
      "more scope": altered(access_token, { scope: "everything" }),
      "somebody else": altered(access_token, { sub: "auth0|000000000000000000000000" }),
      "no signature": access_token.split(".").slice(0, 2).join("."),
      "four parts": `${access_token}.x`,
      "an ID token": id_token,
      "a refresh token": refresh_token,
      "a token of another server": foreign,
      "a word": "letmein",
      nothing: "",
      "a novel": "x".repeat(20_000),
    };
    for (const [what, value] of Object.entries(bad)) {
      const answer = await me(`Bearer ${value}`);
      assert.equal(answer.status, 401, `${what}: ${answer.text}`);
      assert.match(answer.json.type, /A0E-401-000[123]$/, what);
      assert.match(answer.headers["www-authenticate"], /Bearer/, what);
    }
    assert.equal((await me(`Basic ${Buffer.from("a:b").toString("base64")}`)).status, 401);
  });

  test("a token without the scope names the one it lacks", async () => {
    const { access_token } = await signIn(here.server, here.server.info.user, {
      scope: "openid read:me:factors",
    });
    assert.equal((await me(`Bearer ${access_token}`, { target: "/me/v1/factors" })).status, 200);
    assertProblem(await me(`Bearer ${access_token}`), 403, "403-0002", {
      title: "Insufficient Scope",
      detail: "The auth token lacks the required scope: read:me:authentication_methods",
    });
  });

  test("a token for other purposes", async () => {
    const { access_token } = await signIn(here.server, here.server.info.user, {
      audience: undefined,
      scope: "openid profile",
    });
    assertProblem(await me(`Bearer ${access_token}`), 401, "401-0003");
  });

  test("an expired token", async () => {
    const { access_token } = await signIn(here.server);
    const { exp, iat } = parts(access_token).claims;
    assert.equal(exp - iat, 600);
    await here.server.advance(700);
    assertProblem(await me(`Bearer ${access_token}`), 401, "401-0003", {
      title: "Invalid Token",
      detail: "Invalid Token",
    });
  });

  test("authorization comes before the body, and a token before its scope", async () => {
    const attack = { method: "POST", headers: { "content-type": "text/plain" }, body: "x" };
    const answer = await here.server.request(METHODS, attack);
    assertProblem(answer, 401, "401-0002");
    const { access_token } = await signIn(here.server, here.server.info.user, {
      scope: "openid read:me:factors",
    });
    const narrow = await here.server.request(METHODS, {
      ...attack,
      headers: { ...attack.headers, authorization: `Bearer ${access_token}` },
    });
    assertProblem(narrow, 403, "403-0002");
  });
});

describe("on another host", () => {
  test("a token with the right keys and the wrong host is refused", async () => {
    const data = await mkdtemp(path.join(tmpdir(), "housekey-hosts-"));
    try {
      const first = await startServer({ data });
      const { access_token } = await signIn(first);
      await first.stop();
      const second = await startServer({ data });
      try {
        assert.notEqual(second.origin, first.origin);
        assertProblem(await me(`Bearer ${access_token}`, { at: second }), 401, "401-0003");
        assert.equal((await me(`Bearer ${(await signIn(second)).access_token}`, { at: second })).status, 200);
      } finally {
        await second.stop();
      }
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });

  test("a host nobody owns is not found, and a forwarded one is not believed", async () => {
    const headers = { host: "nobody.example", authorization: `Bearer ${tokens.access_token}` };
    assert.equal((await here.server.request("/.well-known/openid-configuration", { headers })).status, 404);
    assert.equal((await here.server.request(METHODS, { headers })).status, 404);
    const forwarded = {
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "host=evil.example",
    };
    const { issuer } = (
      await here.server.request("/.well-known/openid-configuration", { headers: forwarded })
    ).json;
    assert.equal(issuer, here.server.info.issuer);
  });
});
