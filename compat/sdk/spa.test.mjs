// The unmodified @auth0/auth0-spa-js against Housekey; only its `domain` is ours.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { chromiumPage } from "./page.mjs";
import { submitPrimary } from "../lib/browser.mjs";
import { ACCOUNT_SCOPES, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { codeFromUri } from "../lib/totp.mjs";

let world;
before(async () => (world = await chromiumPage()));
after(() => world?.stop());

/** A profile in which somebody new has logged in through the SDK, and the SDK's user. */
async function loggedIn(options, steps) {
  const person = newPerson("spa");
  await signUp(world.server, person);
  await world.visit(options, async (app) => {
    await app.login(person);
    await steps(app, person);
  });
}

for (const [title, options] of [
  ["refresh tokens", { useRefreshTokens: true, useRefreshTokensFallback: false }],
  ["silent iframe", { useRefreshTokens: false }],
]) {
  describe(title, () => {
    test("logs in by redirect and knows the user", () =>
      loggedIn(options, async (app, person) => {
        const user = await app.run((client) => client.getUser());
        assert.equal(user.email, person.email);
        assert.match(user.sub, /^auth0\|[0-9a-f]{24}$/);
        assert.ok(await app.run((client) => client.isAuthenticated()));
      }));

    test("gets tokens silently, with exactly the scopes asked for", () =>
      loggedIn(options, async (app) => {
        const first = await app.run((client) => client.getTokenSilently());
        const fresh = await app.run((client) =>
          client.getTokenSilently({ cacheMode: "off", detailedResponse: true }),
        );
        assert.notEqual(fresh.access_token, first);
        assert.equal(fresh.token_type.toLowerCase(), "bearer");
        if (fresh.scope) {
          const granted = new Set(fresh.scope.split(" "));
          for (const scope of ACCOUNT_SCOPES.split(" ")) assert.ok(granted.has(scope), scope);
        }
        const third = await app.run((client) => client.getTokenSilently({ cacheMode: "off" }));
        assert.notEqual(third, fresh.access_token, "and again: a rotated refresh token is a working one");
      }));

    test("manages an authenticator app through the SDK's own client, first to last", () =>
      loggedIn(options, async (app) => {
        const factors = await app.run((client) => client.myAccount.getFactors());
        assert.ok(factors.some(({ type }) => type === "totp"));
        const before = await app.run((client) => client.myAccount.getAuthenticationMethods());
        assert.deepEqual(
          before.map(({ type }) => type),
          ["password"],
        );

        const challenge = await app.run((client) => client.myAccount.enrollmentChallenge({ type: "totp" }));
        assert.ok(
          challenge.location.startsWith(`${world.server.origin}/me/v1/authentication-methods/totp%7C`),
        );
        assert.match(challenge.id, /^totp\|dev_[A-Za-z0-9]{16}$/, "the id, read from Location through CORS");

        const wrong = await app.fails(
          (client, challenge) =>
            client.myAccount.enrollmentVerify({ ...challenge, type: "totp", otp_code: "000000" }),
          challenge,
        );
        assert.deepEqual(
          [wrong.name, wrong.status, wrong.title, wrong.detail],
          ["MyAccountApiError", 403, "Forbidden", "invalid code"],
        );

        const otp_code = codeFromUri(challenge.barcode_uri, await world.server.now());
        const method = await app.run(
          (client, proof) => client.myAccount.enrollmentVerify(proof),
          // The whole challenge, as a developer spreads it.
          { ...challenge, type: "totp", otp_code },
        );
        assert.equal(method.id, challenge.id);
        assert.equal(method.confirmed, true);

        const listed = await app.run((client) => client.myAccount.getAuthenticationMethods("totp"));
        assert.deepEqual(listed, [method]);
        const one = (call) => app.run(call, method.id);
        const renamed = await one((client, id) =>
          client.myAccount.updateAuthenticationMethod(id, { name: "My phone" }),
        );
        assert.equal(renamed.name, "My phone");
        assert.deepEqual(await one((client, id) => client.myAccount.getAuthenticationMethod(id)), renamed);
        await one((client, id) => client.myAccount.deleteAuthenticationMethod(id));
        const gone = await app.fails((client, id) => client.myAccount.getAuthenticationMethod(id), method.id);
        assert.equal(gone.status, 404);
        assert.equal(
          (await app.run((client) => client.myAccount.getAuthenticationMethods("totp"))).length,
          0,
        );
      }));

    test("logs out, and can no longer ask silently", () =>
      loggedIn(options, async (app) => {
        await app.logout();
        const { error } = await app.fails((client) => client.getTokenSilently());
        assert.ok(["login_required", "missing_refresh_token"].includes(error), error);
      }));
  });
}

test("a reload finds the session again without a prompt", () =>
  loggedIn({ useRefreshTokens: false }, async (app, person) => {
    await app.reload();
    await app.run((client) => client.checkSession());
    assert.equal((await app.run((client) => client.getUser()))?.email, person.email);
  }));

test("a popup logs in", async () => {
  const person = newPerson("popup");
  await signUp(world.server, person);
  await world.visit({ useRefreshTokens: true }, async (app, page) => {
    const [popup, email] = await Promise.all([
      page.waitForEvent("popup").then(async (popup) => {
        await popup.waitForURL(/\/u\/login/);
        await popup.fill("#username", person.email);
        await submitPrimary(popup);
        await popup.fill("#password", person.password);
        await popup.click("button[data-action-button-primary=true]");
        return popup;
      }),
      app.run(async (client) => {
        await client.loginWithPopup();
        return (await client.getUser()).email;
      }),
    ]);
    assert.equal(email, person.email);
    assert.ok(popup.isClosed(), "the SDK closes the popup once it has the answer");
  });
});

test("sign-up by screen_hint ends in the application", () =>
  world.visit({ useRefreshTokens: true }, async (app, page) => {
    const person = newPerson("fresh");
    await app.redirect({ screen_hint: "signup" });
    await page.fill("#email", person.email);
    if (!(await page.locator("#password").count())) await submitPrimary(page);
    await page.fill("#password", person.password);
    await app.comeBack(() => page.click("button[data-action-button-primary=true]"));
    assert.equal((await app.run((client) => client.getUser())).email, person.email);
  }));

test("a silent login without a session fails in the SDK's own words", () =>
  world.visit({ useRefreshTokens: false }, async (app) => {
    const { error, error_description } = await app.fails((client) => client.getTokenSilently());
    assert.equal(error, "login_required");
    assert.equal(error_description, "Login required");
  }));

test("a reused refresh token ends the family", () =>
  loggedIn(
    { useRefreshTokens: true, cacheLocation: "localstorage", useRefreshTokensFallback: false },
    async (app) => {
      const stale = await app.storage();
      await app.run((client) => client.getTokenSilently({ cacheMode: "off" }));
      await app.storage(stale); // as if a thief had copied the storage before the last rotation
      const reuse = await app.fails((client) => client.getTokenSilently({ cacheMode: "off" }));
      assert.match(
        `${reuse.error} ${reuse.message}`,
        /invalid_grant|missing_refresh_token|invalid refresh token/i,
      );
    },
  ));
