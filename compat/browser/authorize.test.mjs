// What comes back from /authorize: response modes, prompts, and the errors before and after a trusted
// callback (contract: order of validation).

import assert from "node:assert/strict";
import { test } from "node:test";
import { atApp, signInOn, withPage } from "../lib/browser.mjs";
import { authorizeUrl, CALLBACK, pkce, redeem, signIn, signUp } from "../lib/oauth.mjs";
import { PageClient } from "../lib/pages.mjs";
import { newPerson } from "../lib/person.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const { verifier, challenge } = pkce();
const address = (extra = {}) => authorizeUrl(here.server, { challenge, ...extra });

/** Where a browser with this session ends up, as the callback's parameters. */
async function outcome(client, extra) {
  const { url } = await client.open(address(extra));
  return url.origin === CALLBACK ? Object.fromEntries(url.searchParams) : url.pathname;
}

test("form_post delivers by a POST of the browser", () =>
  withPage(here.browser, {}, async (page, app) => {
    await page.goto(address({ response_mode: "form_post", state: `a"b<c` }).href);
    await signInOn(page, here.server.info.user);
    await atApp(page);
    assert.equal(app.last.method, "POST");
    assert.equal(app.last.parameters.get("state"), `a"b<c`);
    const callback = new URL(`${CALLBACK}/?${app.last.parameters}`);
    assert.ok((await redeem(here.server, callback, verifier)).access_token);
  }));

test("fragment keeps the answer away from the application's server", () =>
  withPage(here.browser, {}, async (page, app) => {
    await page.goto(address({ response_mode: "fragment" }).href);
    await signInOn(page, here.server.info.user);
    await atApp(page);
    assert.equal([...app.last.parameters].length, 0);
    assert.ok(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("code"));
  }));

test("a popup ends in a message to its opener, for the callback's origin alone", () =>
  withPage(here.browser, {}, async (page) => {
    await page.goto(CALLBACK);
    const [popup] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate(
        (url) => {
          window.answers = [];
          addEventListener("message", (event) =>
            window.answers.push({ origin: event.origin, data: event.data }),
          );
          window.open(url, "login", "popup");
        },
        address({ response_mode: "web_message", state: "s1" }).href,
      ),
    ]);
    await signInOn(popup, here.server.info.user);
    await page.waitForFunction(() => window.answers.length > 0);
    const [{ origin, data }] = await page.evaluate(() => window.answers);
    assert.equal(origin, here.server.origin);
    assert.equal(data.type, "authorization_response");
    assert.equal(data.response.state, "s1");
    assert.deepEqual(Object.keys(data.response).sort(), ["code", "state"]);
  }));

test("prompt=none in an iframe answers by message, with and without a session", () =>
  withPage(here.browser, {}, async (page) => {
    const silently = async () => {
      await page.goto(CALLBACK);
      return page.evaluate(
        (url) =>
          new Promise((resolve) => {
            addEventListener("message", (event) => resolve(event.data));
            const frame = document.createElement("iframe");
            frame.src = url;
            document.body.append(frame);
          }),
        address({ response_mode: "web_message", prompt: "none", state: "s2" }).href,
      );
    };
    assert.deepEqual((await silently()).response, {
      error: "login_required",
      error_description: "Login required",
      state: "s2",
    });
    await page.goto(address().href);
    await signInOn(page, here.server.info.user);
    await atApp(page);
    assert.ok((await silently()).response.code);
  }));

test("the web_message document is a nonce-guarded script that the app may frame", async () => {
  const answer = await here.server.request(address({ response_mode: "web_message", prompt: "none" }));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["x-frame-options"], undefined);
  assert.ok(["unsafe-none", undefined].includes(answer.headers["cross-origin-opener-policy"]));
  const policy = answer.headers["content-security-policy"] ?? "";
  const ancestors = policy.match(/frame-ancestors ([^;]*)/)?.[1];
  if (ancestors !== undefined) assert.ok(ancestors.split(" ").includes(CALLBACK), policy);
  const nonce = answer.text.match(/nonce="([^"]+)"/)?.[1];
  assert.ok(nonce && policy.includes(`'nonce-${nonce}'`), "the policy must name the script's nonce");
});

test("prompt against session", async (t) => {
  const person = newPerson("prompted");
  const { browser: client, id_token } = await signUp(here.server, person);
  const stranger = new PageClient(here.server);
  const silent = { prompt: "none" };

  await t.test("no session", async () => {
    assert.deepEqual(await outcome(stranger, { ...silent, state: "s" }), {
      error: "login_required",
      error_description: "Login required",
      state: "s",
    });
    assert.match(await outcome(stranger, {}), /^\/u\/login/);
  });
  await t.test("live session", async () => {
    assert.ok((await outcome(client, silent)).code);
    assert.ok((await outcome(client, {})).code);
    assert.match(await outcome(client, { prompt: "login" }), /^\/u\/login/);
    assert.equal(
      await outcome(client, { prompt: "login", screen_hint: "signup" }).then((p) => p.slice(0, 9)),
      "/u/signup",
    );
    assert.ok((await outcome(client, { screen_hint: "signup" })).code, "a live session needs no sign-up");
  });
  await t.test("session of somebody else than the hint says", async () => {
    const other = await signIn(here.server);
    assert.equal(
      (await outcome(client, { ...silent, id_token_hint: other.id_token })).error,
      "login_required",
    );
    assert.ok((await outcome(client, { ...silent, id_token_hint: id_token })).code);
  });
  await t.test("session older than max_age", async () => {
    await here.server.advance(120);
    assert.equal((await outcome(client, { ...silent, max_age: "60" })).error, "login_required");
    assert.ok((await outcome(client, { ...silent, max_age: "600" })).code);
    assert.match(await outcome(client, { max_age: "60" }), /^\/u\/login/);
    assert.match(await outcome(client, { max_age: "0" }), /^\/u\/login/);
  });
  await t.test("none beside another prompt", async () => {
    assert.equal((await outcome(client, { prompt: "none login" })).error, "invalid_request");
  });
});

test("max_age and prompt=login put auth_time into the ID token; otherwise it stays out", async () => {
  const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  const now = Math.floor((await here.server.now()) / 1000);
  const withAge = claims(
    (await signIn(here.server, here.server.info.user, { max_age: "300", nonce: "n-1" })).id_token,
  );
  assert.ok(Math.abs(withAge.auth_time - now) < 60);
  assert.equal(withAge.nonce, "n-1");
  const without = claims((await signIn(here.server)).id_token);
  assert.equal("auth_time" in without, false);
  assert.equal("nonce" in without, false);
});

test("errors before the callback can be trusted stay on a page", async () => {
  const evil = "https://evil.example/cb";
  const cases = [
    [{ client_id: "nobody-knows-me" }, /Unknown client/],
    [{ redirect_uri: evil }, /Callback URL mismatch/],
    [{ redirect_uri: `${CALLBACK}/other` }, /Callback URL mismatch/],
  ];
  for (const [extra, text] of cases) {
    const answer = await here.server.request(address(extra), { headers: { accept: "application/json" } });
    assert.equal(answer.status, 400, JSON.stringify(extra));
    assert.match(answer.headers["content-type"], /^text\/html/);
    assert.match(answer.text, text);
    assert.equal(answer.headers.location, undefined);
  }
});

test("errors after it go there, in the mode asked for", async () => {
  const cases = [
    [{ response_type: "carrier_pigeon" }, "unsupported_response_type"],
    [{ code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [
      { audience: "https://nobody.example/" },
      "access_denied",
      /^Service not found: https:\/\/nobody\.example\/$/,
    ],
    [{ organization: "org_1" }, "invalid_request", /organization/],
    [{ max_age: "soon" }, "invalid_request"],
    [{ request: "eyJ" }, "request_not_supported"],
  ];
  for (const [extra, error, text = /./] of cases) {
    const { url, answer } = await new PageClient(here.server).open(address({ state: "s", ...extra }));
    assert.equal(url.origin, CALLBACK, `${JSON.stringify(extra)}: ${answer.status}`);
    assert.equal(url.searchParams.get("error"), error, JSON.stringify(extra));
    assert.match(url.searchParams.get("error_description") ?? "", text, JSON.stringify(extra));
    assert.equal(url.searchParams.get("state"), "s");
    assert.equal(url.searchParams.get("code"), null);
  }
});

test("a repeated parameter is refused", async () => {
  const url = new URL(`${address()}&scope=openid`);
  const { url: at } = await new PageClient(here.server).open(url);
  assert.equal(at.searchParams.get("error"), "invalid_request");
});

test("the answer has no state when none was sent, and no iss", async () => {
  const { browser: client } = await signIn(here.server);
  const answer = await outcome(client, { state: undefined });
  assert.deepEqual(Object.keys(answer), ["code"]);
});

test("a POST to /authorize is the same request", async () => {
  const url = address();
  const page = await new PageClient(here.server).open("/authorize", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: url.searchParams.toString(),
  });
  assert.match(page.url.pathname, /^\/u\/login/);
});
