// The second factor through unmodified SDKs: @auth0/auth0-auth-js, which signs people in with the
// password, and @auth0/auth0-spa-js, whose refresh is not enough any more.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AuthClient, isMfaRequiredError } from "@auth0/auth0-auth-js";
import { parts } from "../lib/jwt.mjs";
import { signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { enrolled, manage } from "../lib/second-factor.mjs";
import { codeFromUri } from "../lib/totp.mjs";
import { until } from "../lib/wait.mjs";
import { world } from "../lib/world.mjs";
import { visit } from "./page.mjs";

/** `fetch` that trusts the server's own authority. */
const trusting = (server) => async (url, init) => {
  const { status, headers, text } = await server.request(String(url), {
    method: init?.method ?? "GET",
    headers: Object.fromEntries(new Headers(init?.headers)),
    body: init?.body === undefined ? undefined : String(init.body),
  });
  const own = Object.entries(headers).filter(([, value]) => typeof value === "string");
  return new Response(status === 204 ? null : text, { status, headers: own });
};

/** How to give each second factor; `mfa` is what the SDK does, `who` somebody who has them all. */
const GIVE = {
  otp: async ({ server, who }) => ({ otp: codeFromUri(who.app, await server.now()) }),
  sms: async ({ server, who }, { oobCode }) => {
    const { code } = await server.message(who.phone_number, ({ code, channel }) => code && channel === "sms");
    return { oobCode, bindingCode: code };
  },
  email: async ({ server, who }, { oobCode }) => {
    const { code } = await server.message(who.person.email, ({ code }) => code);
    return { oobCode, bindingCode: code };
  },
  push: async ({ server, who }, { oobCode }) => {
    const { data } = await server.message(who.device.id, ({ data }) => data?.c);
    assert.equal((await who.device.answer(data, true)).status, 204);
    return { oobCode };
  },
};

/** The SDK's client of an application with a secret. */
function client(server) {
  const { client_id: clientId, client_secret: clientSecret } = server.info.clients.web;
  const domain = new URL(server.origin).host;
  return new AuthClient({ domain, clientId, clientSecret, customFetch: trusting(server) });
}

describe("auth0-auth-js", () => {
  const here = world({
    tls: true,
    prepare: async (all) => {
      all.who = await enrolled(all.server, "auth-js");
      all.novice = newPerson("auth-js-novice");
      await signUp(all.server, all.novice);
      await manage(all.server, "PUT", "guardian/policies", ["all-applications"]);
    },
  });

  /** Signs in with the password; the SDK's client and what it was told. */
  async function required({ email: username, password } = here.who.person) {
    const own = client(here.server);
    const scope = "openid profile email offline_access";
    const error = await own.getTokenByPassword({ username, password, scope }).then(
      () => assert.fail("a second factor is missing"),
      (error) => error,
    );
    assert.ok(isMfaRequiredError(error), String(error));
    const { mfa_token: mfaToken, mfa_requirements: requirements } = error.cause;
    return { own, mfaToken, requirements };
  }

  test("is told what a second factor can be given with", async () => {
    const { own, mfaToken, requirements } = await required();
    const types = requirements.challenge.map(({ type }) => type).sort();
    assert.deepEqual(types, ["email", "otp", "phone", "push-notification", "recovery-code"]);
    const listed = await own.mfa.listAuthenticators({ mfaToken });
    assert.deepEqual(
      [...new Set(listed.map(({ type }) => type))].sort(),
      types,
      "an authenticator for each of them",
    );
  });

  for (const [name, oob] of [
    ["otp", undefined],
    ["sms", "sms"],
    ["email", "email"],
    ["push", "auth0"],
  ]) {
    test(`gets tokens with a second factor: ${name}`, async () => {
      const { own, mfaToken } = await required();
      const listed = await own.mfa.listAuthenticators({ mfaToken });
      const wanted = ({ authenticatorType, oobChannels }) =>
        oob ? oobChannels?.includes(oob) : authenticatorType === "otp";
      const authenticatorId = listed.find(wanted).id;
      const challengeType = oob ? "oob" : "otp";
      const asked = await own.mfa.challengeAuthenticator({ challengeType, authenticatorId, mfaToken });
      assert.equal(asked.challengeType, challengeType);
      assert.equal(asked.bindingMethod, oob && oob !== "auth0" ? "prompt" : undefined);
      const given = await GIVE[name](here, asked);
      const tokens = await own.mfa.verify({ mfaToken, factorType: challengeType, ...given });
      assert.ok(tokens.accessToken && tokens.refreshToken);
      assert.equal(parts(tokens.idToken).claims.email, here.who.person.email);
      const next = await own.getTokenByRefreshToken({ refreshToken: tokens.refreshToken });
      assert.ok(next.accessToken);
    });
  }

  test("enrols the first one of somebody who has none", async () => {
    const { own, mfaToken, requirements } = await required(here.novice);
    assert.ok(requirements.enroll.some(({ type }) => type === "otp"), JSON.stringify(requirements));
    const begun = await own.mfa.enrollAuthenticator({ authenticatorTypes: ["otp"], mfaToken });
    assert.match(begun.recoveryCodes[0], /^[A-Z0-9]{24}$/);
    const otp = codeFromUri(begun.barcodeUri, await here.server.now());
    const tokens = await own.mfa.verify({ mfaToken, factorType: "otp", otp });
    assert.ok(tokens.accessToken);
    const again = await required(here.novice);
    assert.ok(again.requirements.challenge.some(({ type }) => type === "otp"));
  });

  test("gets tokens, and the next code, with the one on paper", async () => {
    const { own, mfaToken } = await required();
    const recoveryCode = here.who.paper;
    const tokens = await own.mfa.verify({ mfaToken, factorType: "recovery-code", recoveryCode });
    assert.ok(tokens.accessToken);
    assert.match(tokens.recoveryCode ?? "", /^[A-Z0-9]{24}$/);
    assert.notEqual(tokens.recoveryCode, recoveryCode);
  });

  test("tells a wrong code by its text", async () => {
    const { own, mfaToken } = await required();
    const wrong = { mfaToken, factorType: "otp", otp: "000000" };
    const error = await own.mfa.verify(wrong).catch((error) => error);
    assert.equal(error.cause?.error, "invalid_grant", String(error));
    assert.equal(error.cause?.error_description, "Invalid otp_code.");
  });
});

describe("auth0-auth-js without a password", () => {
  const here = world({
    tls: true,
    prepare: ({ server }) =>
      Promise.all(
        ["email", "sms"].map((name) =>
          manage(server, "POST", "connections", {
            name,
            strategy: name,
            enabled_clients: [server.info.clients.web.client_id],
          }),
        ),
      ),
  });
  const scope = "openid profile email phone offline_access";

  test("signs somebody in with a code by mail", async () => {
    const own = client(here.server);
    const { email } = newPerson("passwordless");
    await own.passwordless.sendEmail({ email });
    const { code } = await here.server.message(email, (message) => message.code);
    const tokens = await own.getTokenByPasswordlessEmail({ email, code, scope });
    const { claims } = parts(tokens.idToken);
    assert.deepEqual([claims.email, claims.email_verified], [email, true]);
    assert.ok((await own.getTokenByRefreshToken({ refreshToken: tokens.refreshToken })).accessToken);
  });

  test("signs somebody in with a code by text message", async () => {
    const own = client(here.server);
    const phoneNumber = `+4930${String(Date.now()).slice(-8)}`;
    await own.passwordless.sendSms({ phoneNumber });
    const { code } = await here.server.message(phoneNumber, (message) => message.code);
    const tokens = await own.getTokenByPasswordlessSms({ phoneNumber, code, scope });
    assert.equal(parts(tokens.idToken).claims.phone_number, phoneNumber);
  });
});

// The SDK's MFA client speaks HTTPS whatever it is told.
describe("auth0-spa-js", () => {
  const here = world({
    pages: true,
    tls: true,
    prepare: async (all) => {
      all.who = await enrolled(all.server, "spa-mfa");
      const apis = await manage(all.server, "GET", "resource-servers");
      const own = (apis.resource_servers ?? apis).find(
        ({ identifier }) => identifier === all.server.info.my_account_audience,
      );
      const policy_id = "019b76da-a800-73c9-b656-b349ae415c17";
      const authorization_policy = { policy_id };
      await manage(all.server, "PATCH", `resource-servers/${own.id}`, { authorization_policy });
    },
  });

  /** A page in which the person is signed in, and whose last second factor is too long ago. */
  const late = (options, steps) => {
    const domain = new URL(here.server.origin).host;
    const settings = { domain, useRefreshTokens: true, useRefreshTokensFallback: false, ...options };
    return visit(here, settings, async (app, page) => {
      const { who, server } = here;
      await app.redirect();
      await app.comeBack(async () => {
        await page.locator("#username").fill(who.person.email);
        await page.getByRole("button", { name: "Continue", exact: true }).click();
        await page.locator("#password").fill(who.person.password);
        await page.getByRole("button", { name: "Continue", exact: true }).click();
        await page.waitForURL(/\/u\/mfa-/);
        if (!page.url().includes("mfa-otp-challenge")) {
          // The one that was used last is asked for first; among the apps that is the right one.
          await page.locator("[value=pick-authenticator]").click();
          await page.locator("button[value=otp]").click();
        }
        await page.locator("#code").fill(codeFromUri(who.app, await server.now()));
        await page.getByRole("button", { name: "Continue", exact: true }).click();
      });
      await server.advance(901);
      const error = await app.fails((client) => client.getTokenSilently({ cacheMode: "off" }));
      assert.equal(error.error, "mfa_required", JSON.stringify(error));
      await steps(app, error.mfa_token);
    });
  };

  for (const options of [{}, { cacheLocation: "localstorage" }]) {
    test(`steps up a refresh with an app's code (${options.cacheLocation ?? "worker"})`, () =>
      late(options, async (app, mfaToken) => {
        const listed = await app.run((client, token) => client.mfa.getAuthenticators(token), mfaToken);
        const app_ = listed.find(({ authenticatorType }) => authenticatorType === "otp");
        assert.ok(app_?.active, JSON.stringify(listed));
        const asked = { mfaToken, challengeType: "otp" };
        await app.run((client, params) => client.mfa.challenge(params), asked);
        const otp = codeFromUri(here.who.app, await here.server.now());
        const tokens = await app.run((client, given) => client.mfa.verify(given), { mfaToken, otp });
        assert.ok(tokens.access_token, JSON.stringify(tokens));
        await here.server.advance(30);
        const next = await app.run((client) => client.getTokenSilently({ cacheMode: "off" }));
        assert.notEqual(next, tokens.access_token);
        const methods = await app.run((client) => client.myAccount.getAuthenticationMethods());
        assert.ok(methods.length > 3, "and the account can be managed again");
      }));
  }

  for (const name of ["sms", "email", "push"]) {
    test(`steps up a refresh with ${name}`, () =>
      late({}, async (app, mfaToken) => {
        const listed = await app.run((client, token) => client.mfa.getAuthenticators(token), mfaToken);
        const channel = name === "push" ? "push" : name;
        const { id: authenticatorId } = listed.find(({ id }) => id.startsWith(`${channel}|`));
        const asked = await app.run((client, params) => client.mfa.challenge(params), {
          mfaToken,
          challengeType: "oob",
          authenticatorId,
        });
        const given = await GIVE[name](here, asked);
        const verify = () => app.run((client, params) => client.mfa.verify(params), { mfaToken, ...given });
        const tokens = name === "push" ? await until("tokens", verify) : await verify();
        assert.ok(tokens.access_token);
      }));
  }
});
