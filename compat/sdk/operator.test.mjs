// From an operator's first call to a person's list of factors: the My Account API is opened by the
// Management API alone, and used by an unmodified @auth0/auth0-spa-js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signInOn, submitPrimary } from "../lib/browser.mjs";
import { parts } from "../lib/jwt.mjs";
import { story } from "../lib/management.mjs";
import { ACCOUNT_SCOPES } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { base32Decode, totp } from "../lib/totp.mjs";
import { world } from "../lib/world.mjs";
import { visit } from "./page.mjs";

const GRANTED = ["read:me:authentication_methods", "read:me:factors"];

const MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
/** For longer than this, the API is not content with a second factor. */
const RECENT_SECONDS = 900;

const here = world({ pages: true, tls: true });

/** Enrols an authenticator app where a sign-in stops for it. */
async function enrollApp(page) {
  await page.locator("main[class*=mfa-]").waitFor();
  const options = page.locator("main.mfa-begin-enroll-options");
  if (await options.count()) await page.locator("button[value=otp]").click();
  const secret = base32Decode(await page.locator("#manual-input-code").textContent());
  await page.fill("#code", totp(secret, await here.server.now()));
  await submitPrimary(page);
  await page.check("#saved");
  await submitPrimary(page);
}

test("an application gets the two scopes it was granted, once a second factor was given", async () => {
  const person = newPerson("opened");
  const { client_id, user_id } = await story(here.server, "opened", {
    ORIGIN: here.app.origin,
    SCOPES: GRANTED.join(" "),
    EMAIL: person.email,
    PASSWORD: person.password,
  });
  await visit(here, { clientId: client_id, useRefreshTokens: true }, async (app, page) => {
    // The API asks those who have a second factor; whoever has none is made to enrol one by this.
    await app.redirect({ scope: `openid offline_access ${ACCOUNT_SCOPES}`, acr_values: MULTI_FACTOR });
    await app.comeBack(async () => {
      await signInOn(page, person);
      await enrollApp(page);
    });
    const token = await app.run((client) => client.getTokenSilently());
    const { claims } = parts(token);
    assert.equal(claims.sub, user_id);
    const scopes = claims.scope.split(" ").filter((scope) => scope.includes(":me:"));
    assert.deepEqual(scopes.sort(), GRANTED);

    const methods = await app.run((client) => client.myAccount.getAuthenticationMethods());
    const types = methods.map(({ type }) => type).sort();
    assert.deepEqual(types, ["password", "recovery-code", "totp"]);
    const refused = await app.fails((client) => client.myAccount.enrollmentChallenge({ type: "totp" }));
    assert.equal(refused.status, 403, "what was not granted is not allowed");

    await here.server.advance(RECENT_SECONDS + 1);
    const late = await app.fails((client) => client.getTokenSilently({ cacheMode: "off" }));
    assert.equal(late.error, "mfa_required");
  });
});
