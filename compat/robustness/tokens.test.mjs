// Tokens that are not what they seem, and token requests that ask for more than they should get.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { before, describe, test } from "node:test";
import { assertProblem, checkAnswer, METHODS } from "../lib/account.mjs";
import { form, json } from "../lib/http.mjs";
import { altered, confusedAlgorithm, parts, signedByStranger, unsigned } from "../lib/jwt.mjs";
import { authorizeUrl, CALLBACK, pkce, refresh, signIn, token } from "../lib/oauth.mjs";
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
    assertProblem(await me(undefined), 401, "401-0002", { title: "Missing Token", detail: "No auth token provided." });
  });

  test("a token in the query is no token", async () => {
    assertProblem(await me(undefined, { target: `${METHODS}?access_token=${tokens.access_token}` }), 401, "401-0002");
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
      "nothing": "",
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
    const { access_token } = await signIn(here.server, here.server.info.user, { scope: "openid read:me:factors" });
    assert.equal((await me(`Bearer ${access_token}`, { target: "/me/v1/factors" })).status, 200);
    assertProblem(await me(`Bearer ${access_token}`), 403, "403-0002", {
      title: "Insufficient Scope",
      detail: "The auth token lacks the required scope: read:me:authentication_methods",
    });
  });

  test("a token for other purposes", async () => {
    const { access_token } = await signIn(here.server, here.server.info.user, { audience: undefined, scope: "openid profile" });
    assertProblem(await me(`Bearer ${access_token}`), 401, "401-0003");
  });

  test("an expired token", async () => {
    const { access_token } = await signIn(here.server);
    const { exp, iat } = parts(access_token).claims;
    assert.equal(exp - iat, 600);
    await here.server.advance(700);
    assertProblem(await me(`Bearer ${access_token}`), 401, "401-0003", { title: "Invalid Token", detail: "Invalid Token" });
  });

  test("authorization comes before the body, and a token before its scope", async () => {
    const attack = { method: "POST", headers: { "content-type": "text/plain" }, body: "x" };
    const answer = await here.server.request(METHODS, attack);
    assertProblem(answer, 401, "401-0002");
    const { access_token } = await signIn(here.server, here.server.info.user, { scope: "openid read:me:factors" });
    const narrow = await here.server.request(METHODS, { ...attack, headers: { ...attack.headers, authorization: `Bearer ${access_token}` } });
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
    const forwarded = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" };
    const { issuer } = (await here.server.request("/.well-known/openid-configuration", { headers: forwarded })).json;
    assert.equal(issuer, here.server.info.issuer);
  });
});

describe("at the token endpoint", () => {
  const post = (options) => here.server.request("/oauth/token", { method: "POST", ...options });
  const refused = (answer, status, error, description) => {
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.headers["content-type"], /^application\/json/);
    assert.equal(answer.headers["www-authenticate"], undefined);
    assert.equal(answer.headers["cache-control"], "no-store");
    assert.equal(answer.json.error, error, answer.text);
    if (description) assert.equal(answer.json.error_description, description);
  };
  const codeFor = async (client = "spa") => {
    const { verifier, challenge } = pkce();
    const { url } = await tokens.browser.open(authorizeUrl(here.server, { challenge, client, prompt: "none" }));
    return { code: url.searchParams.get("code"), verifier };
  };
  const exchange = (fields, client = "spa") =>
    token(here.server, client, { grant_type: "authorization_code", redirect_uri: CALLBACK, ...fields });

  test("requests that are no token request", async () => {
    const { client_id } = here.server.info.clients.spa;
    refused(await post({ headers: { "content-type": "application/json" }, body: "{" }), 400, "invalid_request");
    refused(await post(json([])), 400, "invalid_request");
    refused(await post(json({ client_id, grant_type: 7 })), 400, "invalid_request");
    refused(await post(form({ client_id })), 400, "invalid_request", "Missing required parameter: grant_type");
    refused(await post(form({ client_id, grant_type: "magic" })), 403, "unsupported_grant_type", "Unsupported grant type: magic");
    refused(await exchange({ code_verifier: "x" }), 400, "invalid_request", "Missing required parameter: code");
    const large = await post({ headers: { "content-type": "application/json" }, body: `"${"x".repeat(10 * 1024 * 1024)}"` });
    assert.ok([400, 413].includes(large.status), `${large.status}`);
  });

  test("clients that are not who they say", async () => {
    refused(await post(form({ client_id: "nobody", grant_type: "refresh_token", refresh_token: "x" })), 401, "access_denied", "Unauthorized");
    const { client_id } = here.server.info.clients.web;
    const wrong = { client_id, client_secret: "guess", grant_type: "refresh_token", refresh_token: "x" };
    refused(await post(form(wrong)), 401, "access_denied", "Unauthorized");
    const authorization = `Basic ${Buffer.from(`${client_id}:guess`).toString("base64")}`;
    const { headers, body } = form({ grant_type: "refresh_token", refresh_token: "x" });
    refused(await post({ headers: { ...headers, authorization }, body }), 401, "access_denied", "Unauthorized");
  });

  test("a form and JSON say the same, by body and by header", async () => {
    const { client_id, client_secret } = here.server.info.clients.web;
    const fields = (given) => ({ grant_type: "authorization_code", redirect_uri: CALLBACK, code: given.code, code_verifier: given.verifier });
    const basic = `Basic ${Buffer.from(`${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`).toString("base64")}`;
    const ways = [
      async () => form({ client_id, client_secret, ...fields(await codeFor("web")) }),
      async () => json({ client_id, client_secret, unknown: [1], ...fields(await codeFor("web")) }),
      async () => {
        const { headers, body } = form(fields(await codeFor("web")));
        return { headers: { ...headers, authorization: basic }, body };
      },
    ];
    const members = new Set();
    for (const way of ways) {
      const answer = await post(await way());
      assert.equal(answer.status, 200, answer.text);
      members.add(Object.keys(answer.json).sort().join());
    }
    assert.equal(members.size, 1);
  });

  test("codes: wrong verifier, wrong callback, wrong client, too late", async () => {
    const first = await codeFor();
    refused(await exchange({ code: first.code, code_verifier: pkce().verifier }), 403, "invalid_grant", "Failed to verify code verifier");
    refused(await exchange({ code: first.code, code_verifier: first.verifier }), 403, "invalid_grant");
    const second = await codeFor();
    const elsewhere = await exchange({ code: second.code, code_verifier: second.verifier, redirect_uri: "http://localhost:5173" });
    refused(elsewhere, 403, "unauthorized_client");
    const third = await codeFor();
    refused(await exchange({ code: third.code, code_verifier: third.verifier }, "web"), 403, "invalid_grant", "Invalid authorization code");
    const fourth = await codeFor();
    await here.server.advance(61);
    refused(await exchange({ code: fourth.code, code_verifier: fourth.verifier }), 403, "invalid_grant", "Invalid authorization code");
  });

  test("a code spent twice takes back what it gave", async () => {
    const { code, verifier } = await codeFor();
    const granted = await exchange({ code, code_verifier: verifier });
    assert.equal(granted.status, 200, granted.text);
    refused(await exchange({ code, code_verifier: verifier }), 403, "invalid_grant", "Invalid authorization code");
    refused(await refresh(here.server, granted.json.refresh_token), 403, "invalid_grant", "Unknown or invalid refresh token.");
  });

  test("twenty at once with one code: one gets tokens", async () => {
    const { code, verifier } = await codeFor();
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange({ code, code_verifier: verifier })));
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.ok(answers.every(({ status }) => [200, 403, 429].includes(status)));
  });

  test("a refresh token works once; its reuse ends the family", async () => {
    const { refresh_token } = await signIn(here.server);
    const second = (await refresh(here.server, refresh_token)).json;
    const third = (await refresh(here.server, second.refresh_token)).json;
    assert.ok(third.id_token && third.access_token);
    assert.equal("nonce" in parts(third.id_token).claims, false);
    refused(await refresh(here.server, refresh_token), 403, "invalid_grant", "Unknown or invalid refresh token.");
    refused(await refresh(here.server, third.refresh_token), 403, "invalid_grant", "Unknown or invalid refresh token.");
  });

  test("a refresh token is its own client's", async () => {
    const { refresh_token } = await signIn(here.server);
    refused(await refresh(here.server, refresh_token, "native"), 403, "invalid_grant", "Unknown or invalid refresh token.");
  });

  test("scope shrinks on request and grows back", async () => {
    const { refresh_token } = await signIn(here.server);
    const narrow = await token(here.server, "spa", { grant_type: "refresh_token", refresh_token, scope: "openid read:me:factors" });
    assert.deepEqual(new Set(narrow.json.scope.split(" ")), new Set(["openid", "read:me:factors"]));
    const wide = await refresh(here.server, narrow.json.refresh_token);
    assert.ok(parts(wide.json.access_token).claims.scope.includes("delete:me:authentication_methods"));
  });

  test("no program acts as nobody at the My Account API", async () => {
    const answer = await token(here.server, "management", {
      grant_type: "client_credentials",
      audience: here.server.info.my_account_audience,
    });
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    assert.equal(answer.json.access_token, undefined);
  });
});

describe("between browsers", () => {
  const preflight = (origin, target) =>
    here.server.request(target, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type, auth0-client" },
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
    const answer = await here.server.request(METHODS, { headers: { origin: "https://evil.example", authorization } });
    assert.equal(answer.status, 200, "served all the same: the token is not ambient");
    assert.equal(answer.headers["access-control-allow-origin"], undefined);
  });

  test("only /me and the token endpoint are there for scripts", async () => {
    const { headers } = await here.server.request("/authorize", { headers: { origin: CALLBACK } });
    assert.equal(headers["access-control-allow-origin"], undefined);
  });
});
