// The browser session: its cookie, its end, and its independence of everything else on localhost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { atApp, signInOn, withPage } from "../lib/browser.mjs";
import { authorizeUrl, CALLBACK, pkce, refresh, signIn } from "../lib/oauth.mjs";
import { startServer } from "../lib/server.mjs";
import { world } from "../lib/world.mjs";

const here = world({ pages: true });

const address = (at, extra = {}) => authorizeUrl(at, { challenge: pkce().challenge, ...extra });
const signedIn = async (client, at = here.server) => {
  const { url } = await client.open(address(at, { prompt: "none" }));
  return url.searchParams.get("error") ?? "yes";
};

/** The attributes of the session cookie as a browser stored it after a sign-in. */
async function sessionCookie(at) {
  let cookie;
  await withPage(here.browser, {}, async (page) => {
    await page.goto(address(at).href);
    await signInOn(page, at.info.user);
    await atApp(page);
    cookie = (await page.context().cookies(at.origin)).find(({ name }) => name === "auth0");
  });
  assert.ok(cookie, "no cookie named auth0");
  return cookie;
}

test("over http the session cookie is HttpOnly and Lax", async () => {
  const { httpOnly, secure, sameSite, path, domain } = await sessionCookie(here.server);
  assert.deepEqual(
    { httpOnly, secure, sameSite, path, domain },
    {
      httpOnly: true,
      secure: false,
      sameSite: "Lax",
      path: "/",
      domain: "localhost",
    },
  );
});

test("over https it is Secure and SameSite=None, so that apps on other sites can ask silently", async () => {
  const tls = await startServer({ tls: true });
  try {
    assert.match(tls.info.issuer, /^https:\/\/localhost:\d+\/$/);
    const { issuer } = (await tls.request("/.well-known/openid-configuration")).json;
    assert.equal(issuer, tls.info.issuer);
    const { httpOnly, secure, sameSite } = await sessionCookie(tls);
    assert.deepEqual({ httpOnly, secure, sameSite }, { httpOnly: true, secure: true, sameSite: "None" });
    await assert.rejects(tls.request("/.well-known/jwks.json", { ca: undefined }), /certificate/i);
  } finally {
    await tls.stop();
  }
});

test("cookies of other programs on localhost are neither cleared nor too many", async () => {
  const { browser: client } = await signIn(here.server);
  for (let chunk = 0; chunk < 12; chunk += 1) client.cookies.set(`__session__${chunk}`, "x".repeat(4000));
  assert.equal(await signedIn(client), "yes");
  assert.ok(client.cookies.has("__session__0"));
});

test("the session opens no API", async () => {
  const { browser: client } = await signIn(here.server);
  assert.equal((await client.open("/me/v1/factors")).answer.status, 401);
  assert.equal((await client.open("/userinfo")).answer.status, 401);
});

test("/v2/logout ends the session, returns to a registered address, and leaves refresh tokens alone", async () => {
  const { browser: client, refresh_token } = await signIn(here.server);
  const { client_id } = here.server.info.clients.spa;
  const leave = `/v2/logout?${new URLSearchParams({ client_id, returnTo: `${CALLBACK}?after=logout` })}`;
  const { url } = await client.open(leave);
  assert.equal(url.href, `${CALLBACK}/?after=logout`);
  assert.equal(await signedIn(client), "login_required");
  assert.equal((await client.open(leave)).url.origin, CALLBACK, "a second time is no error");
  assert.equal((await refresh(here.server, refresh_token)).status, 200);
});

test("/v2/logout goes nowhere it was not told to in the settings", async () => {
  const { browser: client } = await signIn(here.server);
  const { client_id } = here.server.info.clients.spa;
  const query = new URLSearchParams({ client_id, returnTo: "https://evil.example/" });
  const { answer } = await client.open(`/v2/logout?${query}`);
  assert.equal(answer.status, 400);
  assert.equal(answer.headers.location, undefined);
  assert.match(answer.text, /Allowed Logout URLs/);
});

test("/oidc/logout with the session's own ID token needs no question", async () => {
  const { browser: client, id_token } = await signIn(here.server);
  const query = new URLSearchParams({
    id_token_hint: id_token,
    post_logout_redirect_uri: CALLBACK,
    state: "bye",
  });
  const { url } = await client.open(`/oidc/logout?${query}`);
  assert.equal(url.origin, CALLBACK);
  assert.equal(url.searchParams.get("state"), "bye");
  assert.equal(await signedIn(client), "login_required");
});

test("/oidc/logout of nobody in particular asks first", async () => {
  const { browser: client } = await signIn(here.server);
  await client.open(address(here.server, { client: "web", prompt: "none" }));
  const asked = await client.open("/oidc/logout");
  assert.equal(asked.answer.status, 200);
  assert.equal(await signedIn(client), "yes");
  await client.submit(asked, { action: "accept" });
  assert.equal(await signedIn(client), "login_required");
});

test("the session idles out, and ends however busy it is", async () => {
  const hour = 3600;
  const { browser: idle } = await signIn(here.server);
  await here.server.advance(73 * hour);
  assert.equal(await signedIn(idle), "login_required", "idle for longer than 72 hours");
  const { browser: fresh } = await signIn(here.server);
  for (let day = 0; day < 6; day += 1) {
    await here.server.advance(24 * hour);
    assert.equal(await signedIn(fresh), "yes", `used daily, day ${day + 1}`);
  }
  await here.server.advance(25 * hour);
  assert.equal(await signedIn(fresh), "login_required", "168 hours after the login");
});
