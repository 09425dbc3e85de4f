// Token requests that ask for more than they should get.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { form, json } from "../lib/http.mjs";
import { parts } from "../lib/jwt.mjs";
import { authorizeUrl, CALLBACK, pkce, refresh, signIn, token } from "../lib/oauth.mjs";
import { world } from "../lib/world.mjs";

const here = world();
let tokens;
before(async () => (tokens = await signIn(here.server)));

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
  refused(
    await post(form({ client_id, grant_type: "magic" })),
    403,
    "unsupported_grant_type",
    "Unsupported grant type: magic",
  );
  refused(await exchange({ code_verifier: "x" }), 400, "invalid_request", "Missing required parameter: code");
  const large = await post({
    headers: { "content-type": "application/json" },
    body: `"${"x".repeat(10 * 1024 * 1024)}"`,
  });
  assert.ok([400, 413].includes(large.status), `${large.status}`);
});

test("clients that are not who they say", async () => {
  refused(
    await post(form({ client_id: "nobody", grant_type: "refresh_token", refresh_token: "x" })),
    401,
    "access_denied",
    "Unauthorized",
  );
  const { client_id } = here.server.info.clients.web;
  const wrong = { client_id, client_secret: "guess", grant_type: "refresh_token", refresh_token: "x" };
  refused(await post(form(wrong)), 401, "access_denied", "Unauthorized");
  const authorization = `Basic ${Buffer.from(`${client_id}:guess`).toString("base64")}`;
  const { headers, body } = form({ grant_type: "refresh_token", refresh_token: "x" });
  refused(await post({ headers: { ...headers, authorization }, body }), 401, "access_denied", "Unauthorized");
});

test("a form and JSON say the same, by body and by header", async () => {
  const { client_id, client_secret } = here.server.info.clients.web;
  const fields = (given) => ({
    grant_type: "authorization_code",
    redirect_uri: CALLBACK,
    code: given.code,
    code_verifier: given.verifier,
  });
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
  refused(
    await exchange({ code: first.code, code_verifier: pkce().verifier }),
    403,
    "invalid_grant",
    "Failed to verify code verifier",
  );
  refused(await exchange({ code: first.code, code_verifier: first.verifier }), 403, "invalid_grant");
  const second = await codeFor();
  const elsewhere = await exchange({
    code: second.code,
    code_verifier: second.verifier,
    redirect_uri: "http://localhost:5173",
  });
  refused(elsewhere, 403, "unauthorized_client");
  const third = await codeFor();
  refused(
    await exchange({ code: third.code, code_verifier: third.verifier }, "web"),
    403,
    "invalid_grant",
    "Invalid authorization code",
  );
  const fourth = await codeFor();
  await here.server.advance(61);
  refused(
    await exchange({ code: fourth.code, code_verifier: fourth.verifier }),
    403,
    "invalid_grant",
    "Invalid authorization code",
  );
});

test("a code spent twice takes back what it gave", async () => {
  const { code, verifier } = await codeFor();
  const granted = await exchange({ code, code_verifier: verifier });
  assert.equal(granted.status, 200, granted.text);
  refused(
    await exchange({ code, code_verifier: verifier }),
    403,
    "invalid_grant",
    "Invalid authorization code",
  );
  refused(
    await refresh(here.server, granted.json.refresh_token),
    403,
    "invalid_grant",
    "Unknown or invalid refresh token.",
  );
});

test("twenty at once with one code: one gets tokens", async () => {
  const { code, verifier } = await codeFor();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => exchange({ code, code_verifier: verifier })),
  );
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.ok(answers.every(({ status }) => [200, 403, 429].includes(status)));
});

test("a refresh token works once; its reuse ends the family", async () => {
  const { refresh_token } = await signIn(here.server);
  const second = (await refresh(here.server, refresh_token)).json;
  const third = (await refresh(here.server, second.refresh_token)).json;
  assert.ok(third.id_token && third.access_token);
  assert.equal("nonce" in parts(third.id_token).claims, false);
  refused(
    await refresh(here.server, refresh_token),
    403,
    "invalid_grant",
    "Unknown or invalid refresh token.",
  );
  refused(
    await refresh(here.server, third.refresh_token),
    403,
    "invalid_grant",
    "Unknown or invalid refresh token.",
  );
});

test("a refresh token is its own client's", async () => {
  const { refresh_token } = await signIn(here.server);
  refused(
    await refresh(here.server, refresh_token, "native"),
    403,
    "invalid_grant",
    "Unknown or invalid refresh token.",
  );
});

test("scope shrinks on request and grows back", async () => {
  const { refresh_token } = await signIn(here.server);
  const narrow = await token(here.server, "spa", {
    grant_type: "refresh_token",
    refresh_token,
    scope: "openid read:me:factors",
  });
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
