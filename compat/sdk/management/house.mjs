// Stories about what holds for the tenant as a whole.

import { ManagementClient } from "auth0";
import { all, fails } from "./lib.mjs";

export async function tenant({ tenants }) {
  const before = await tenants.settings.get();
  const changed = await tenants.settings.update({ friendly_name: "Acme", session_lifetime: 200 });
  const named = await tenants.settings.get({ fields: "friendly_name" });
  await tenants.settings.update({ session_lifetime: before.session_lifetime });
  return { changed, named, after: await tenants.settings.get(), before };
}

export async function protection({ attackProtection, anomaly, userBlocks }) {
  const { bruteForceProtection, suspiciousIpThrottling, breachedPasswordDetection } = attackProtection;
  const guessing = await bruteForceProtection.update({ max_attempts: 7, shields: ["block"] });
  await suspiciousIpThrottling.update({ stage: { "pre-login": { max_attempts: 50, rate: 864000 } } });
  const throttling = await suspiciousIpThrottling.get();
  await breachedPasswordDetection.update({ shields: ["admin_notification"] });
  const breached = await breachedPasswordDetection.get();
  await attackProtection.botDetection.update({ bot_detection_level: "high" });
  const bots = await attackProtection.botDetection.get();
  await attackProtection.captcha.update({ auth_challenge: { fail_open: true } });
  const captcha = await attackProtection.captcha.get();
  const unblocked = await fails(anomaly.blocks.checkIp("203.0.113.9"));
  await anomaly.blocks.unblockIp("203.0.113.9");
  const blocks = await userBlocks.listByIdentifier({ identifier: "nobody@example.com" });
  await userBlocks.deleteByIdentifier({ identifier: "nobody@example.com" });
  return { guessing, throttling, breached, bots, captcha, unblocked, blocks };
}

export async function signingKeys(client, { DOMAIN, CLIENT_ID, CLIENT_SECRET }) {
  const { keys } = client;
  const first = (await keys.signing.list()).find(({ current }) => current);
  const rotated = await keys.signing.rotate();
  const current = await keys.signing.get(rotated.kid);
  await keys.signing.revoke(first.kid);
  // What the revoked key signed is worthless now, the token of this client among it.
  const refused = await fails(keys.signing.list());
  const again = new ManagementClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  const revoked = await again.keys.signing.get(first.kid);
  return { first, rotated, current, refused, revoked, root: await all(again.keys.encryption.list()) };
}

export async function logStreams({ logStreams }) {
  const sink = { httpEndpoint: "https://logs.example/", httpContentFormat: "JSONLINES" };
  const made = await logStreams.create({ name: "SDK", type: "http", sink });
  const found = await logStreams.get(made.id);
  const listed = await logStreams.list();
  const changed = await logStreams.update(made.id, { name: "S", status: "paused" });
  await logStreams.delete(made.id);
  return { made, found, listed, changed, missing: await fails(logStreams.get(made.id)) };
}

export async function logs({ logs }) {
  const listed = await all(logs.list({ per_page: 3 }));
  const found = await logs.get(listed[0].log_id);
  return { listed, found, missing: await fails(logs.get("9".repeat(56))) };
}
