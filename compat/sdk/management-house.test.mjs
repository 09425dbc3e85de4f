// What an operator sets for the whole tenant, through the unmodified auth0 package.

import assert from "node:assert/strict";
import { test } from "node:test";
import { story } from "../lib/management.mjs";
import { THEME } from "../lib/theme.mjs";
import { world } from "../lib/world.mjs";

const here = world({ tls: true });
const run = (name, more) => story(here.server, name, more);
const UNSUPPORTED = { statusCode: 400, errorCode: "operation_not_supported" };

test("changes the tenant's settings", async () => {
  const { changed, named, before, after } = await run("tenant");
  assert.equal(changed.friendly_name, "Acme");
  assert.equal(changed.session_lifetime, 200);
  assert.deepEqual(named, { friendly_name: "Acme" });
  assert.equal(after.session_lifetime, before.session_lifetime);
});

test("switches factors and says when they are asked for", async () => {
  const { set, listed, policies, never } = await run("factors");
  assert.deepEqual(set, { enabled: true });
  assert.equal(listed.find(({ name }) => name === "sms").enabled, true);
  assert.equal(listed.length, 8);
  assert.deepEqual(policies, ["all-applications"]);
  assert.deepEqual(never, []);
});

test("sets how long browsers are remembered", async () => {
  const { settings, found } = await run("guardianSettings");
  assert.deepEqual(found, settings);
});

test("sets up who sends text messages", async () => {
  const { types, twilio, selected, templates, refused, codes } = await run("phoneFactor");
  assert.deepEqual(types, { message_types: ["sms", "voice"] });
  assert.equal(twilio.sid, "AC1");
  assert.deepEqual(selected, { provider: "twilio" });
  assert.equal(templates.verification_message, "Code {{code}}");
  assert.deepEqual(refused, UNSUPPORTED);
  assert.equal(codes.otp_length, 6);
});

test("sets up who sends push messages", async () => {
  const { direct, selected, refused, sns, apns } = await run("pushFactor");
  assert.deepEqual([direct, selected], [{ provider: "direct" }, { provider: "direct" }]);
  assert.deepEqual(refused, UNSUPPORTED);
  assert.equal(sns.aws_region, "eu-west-2");
  assert.equal(apns.bundle_id ?? null, null);
});

test("keeps settings of Duo", async () => {
  const { found } = await run("duo");
  assert.equal(found.host, "other.duo.example");
});

test("sets how attacks are slowed down", async () => {
  const told = await run("protection");
  assert.deepEqual([told.guessing.max_attempts, told.guessing.shields], [7, ["block"]]);
  assert.equal(told.throttling.stage["pre-login"].max_attempts, 50);
  assert.deepEqual(told.breached.shields, ["admin_notification"]);
  assert.equal(told.bots.bot_detection_level, "high");
  assert.equal(told.captcha.auth_challenge.fail_open, true);
  assert.equal(told.unblocked.statusCode, 404);
  assert.deepEqual(told.blocks.blocked_for, []);
});

test("rotates and revokes signing keys", async () => {
  const { first, rotated, current, refused, revoked, root } = await run("signingKeys");
  assert.notEqual(rotated.kid, first.kid);
  assert.equal(current.current, true);
  assert.equal(refused.statusCode, 401);
  assert.equal(revoked.revoked, true);
  assert.deepEqual(root.map(({ kid }) => kid), ["root"]);
});

test("creates, reads, updates and deletes log streams", async () => {
  const { made, found, listed, changed, missing } = await run("logStreams");
  assert.deepEqual(found, made);
  assert.deepEqual(listed, [made]);
  assert.equal(changed.status, "paused");
  assert.equal(missing.statusCode, 404);
});

test("pages through the log", async () => {
  const { listed, found, missing } = await run("logs");
  assert.equal(new Set(listed.map(({ log_id }) => log_id)).size, listed.length);
  assert.equal(found.log_id, listed[0].log_id);
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_log" });
});

test("changes how pages look", async () => {
  const { changed, found, template, page, missing } = await run("branding");
  assert.equal(changed.colors.primary, "#112233");
  assert.deepEqual(found, changed);
  assert.equal(page.body, template);
  assert.equal(missing.statusCode, 404);
});

test("creates, reads, updates and deletes themes", async () => {
  const { made, found, standard, changed, missing } = await run("themes", { THEME: JSON.stringify(THEME) });
  assert.deepEqual([found, standard], [made, made]);
  assert.equal(changed.displayName, "Night");
  assert.deepEqual(changed.colors, THEME.colors);
  assert.equal(missing.statusCode, 404);
});

test("creates, reads, updates and deletes phone providers", async () => {
  const { made, found, listed, changed, missing } = await run("phoneProviders");
  assert.deepEqual(found, made);
  assert.deepEqual(listed.providers, [made]);
  assert.equal(changed.disabled, true);
  assert.equal(missing.statusCode, 404);
});

test("creates, reads, updates, resets and deletes phone templates", async () => {
  const { made, found, listed, changed, reset, missing } = await run("phoneTemplates");
  assert.deepEqual(found, made);
  assert.deepEqual(listed.templates, [made]);
  assert.equal(changed.content.body.text, "Now {{ code }}");
  assert.notEqual(reset.content.body.text, changed.content.body.text);
  assert.equal(missing.statusCode, 404);
});

test("keeps texts of pages", async () => {
  const { settings, texts, partials } = await run("prompts");
  assert.equal(settings.identifier_first, true);
  assert.deepEqual(texts, { login: { title: "Hello" } });
  assert.deepEqual(partials, { login: { "form-content-start": "<b>x</b>" } });
});

test("creates, reads, updates and deletes the mail provider", async () => {
  const { made, found, changed, missing } = await run("emails");
  assert.equal(made.credentials.smtp_host, "mail.example");
  assert.equal(made.credentials.smtp_pass, undefined);
  assert.deepEqual(Object.keys(found).sort(), ["credentials", "name"]);
  assert.equal(changed.enabled, false);
  assert.deepEqual(missing, { statusCode: 404, errorCode: "inexistent_email_provider" });
});

test("creates, reads, updates and replaces mail templates", async () => {
  const { made, changed, found } = await run("emailTemplates");
  assert.equal(made.subject, "Hello");
  assert.deepEqual([changed.subject, changed.body], ["Goodbye", "<p>Hi</p>"]);
  assert.deepEqual([found.subject, found.body], ["Hello", "<p>Ho</p>"]);
});
