// Stories about what people have: methods, sessions, refresh tokens, approvals; and about jobs.

import { all, fails } from "./lib.mjs";

const CONNECTION = "Username-Password-Authentication";
const JOB_LIMIT_MS = 30_000;

export async function methods({ users, guardian }, { USER: user }) {
  const own = users.authenticationMethods;
  const made = await own.create(user, { type: "phone", phone_number: "+12025550100", name: "Mine" });
  const found = await own.get(user, made.id);
  const changed = await own.update(user, made.id, { name: "Hers" });
  const listed = await all(own.list(user, { per_page: 1 }));
  const [enrolled] = await users.enrollments.get(user);
  const enrollment = await guardian.enrollments.get(enrolled.id);
  await guardian.enrollments.delete(enrolled.id);
  const missing = await fails(own.get(user, made.id));
  const replaced = await own.set(user, [{ type: "email", email: "methods@example.com" }]);
  await own.deleteAll(user);
  await users.multifactor.invalidateRememberBrowser(user);
  await users.authenticators.deleteAll(user);
  const noCode = await fails(users.regenerateRecoveryCode(user));
  return { made, found, changed, listed, enrolled, enrollment, missing, replaced, noCode };
}

export async function sessions({ users, sessions }, { USER: user }) {
  const listed = await all(users.sessions.list(user, { take: 1 }));
  const found = await sessions.get(listed[0].id);
  const changed = await sessions.update(found.id, { session_metadata: { desk: "7" } });
  await sessions.revoke(found.id);
  const missing = await fails(sessions.get(found.id));
  await users.sessions.delete(user);
  return { listed, found, changed, missing };
}

export async function refreshTokens({ users, refreshTokens }, { USER: user, SPA }) {
  const listed = await all(users.refreshToken.list(user, { take: 1 }));
  const found = await refreshTokens.get(listed[0].id);
  const ofClient = await all(refreshTokens.list({ user_id: user, client_id: SPA }));
  const changed = await refreshTokens.update(found.id, { refresh_token_metadata: { desk: "7" } });
  await refreshTokens.revoke({ ids: [found.id] });
  return { listed, found, ofClient, changed, missing: await fails(refreshTokens.get(found.id)) };
}

export async function endOfAccess({ users, sessions, refreshTokens }, { USER: user }) {
  const [session] = await all(users.sessions.list(user));
  const [token] = await all(users.refreshToken.list(user));
  await users.revokeAccess(user);
  return { ended: [await fails(sessions.get(session.id)), await fails(refreshTokens.get(token.id))] };
}

export async function devices({ deviceCredentials }, { USER: user_id }) {
  const listed = await all(deviceCredentials.list({ user_id, per_page: 1 }));
  await deviceCredentials.delete(listed[0].id);
  return { listed, left: await all(deviceCredentials.list({ user_id })) };
}

export async function somethingToApprove({ resourceServers }) {
  return resourceServers.create({
    identifier: "https://approved.example/",
    scopes: [{ value: "read:z" }],
    skip_consent_for_verifiable_first_party_clients: false,
  });
}

export async function approvals({ userGrants }, { USER: user_id }) {
  const listed = await all(userGrants.list({ user_id, per_page: 1 }));
  await userGrants.delete(listed[0].id);
  await userGrants.deleteByUserId({ user_id });
  return { listed, left: await all(userGrants.list({ user_id })) };
}

export async function permissions({ users, resourceServers }, { USER: user }) {
  const identifier = "https://permitted.example/";
  const api = await resourceServers.create({ identifier, name: "P", scopes: [{ value: "read:y" }] });
  const permissions = [{ resource_server_identifier: identifier, permission_name: "read:y" }];
  await users.permissions.create(user, { permissions });
  const direct = await all(users.permissions.list(user));
  const effective = await all(users.effectivePermissions.list(user, { resource_server_identifier: identifier }));
  await users.permissions.delete(user, { permissions });
  const left = await all(users.permissions.list(user));
  await resourceServers.delete(api.id);
  return { direct, effective, left, organizations: await all(users.organizations.list(user)) };
}

export async function jobs({ jobs, users, connections }) {
  const [{ id: connection_id }] = await all(connections.list({ name: [CONNECTION] }));
  const people = [1, 2, 3].map((n) => ({ email: `imported${n}@example.com`, email_verified: true }));
  const file = new Blob([JSON.stringify([...people, { email: "nothing" }])], { type: "application/json" });
  const started = await jobs.usersImports.create({
    users: file, connection_id, send_completion_email: false,
  });
  const imported = await finished(jobs, started.id);
  const errors = await jobs.errors.get(started.id);
  const export_ = await jobs.usersExports.create({ connection_id, format: "csv" });
  const exported = await finished(jobs, export_.id);
  const [{ user_id }] = await users.listUsersByEmail({ email: people[0].email });
  const mail = await jobs.verificationEmail.create({ user_id });
  return { imported, errors, exported, mailed: await finished(jobs, mail.id) };
}

export async function tickets({ tickets }, { USER: user_id }) {
  return {
    password: await tickets.changePassword({ user_id }),
    address: await tickets.verifyEmail({ user_id }),
  };
}

async function finished(jobs, id) {
  const limit = Date.now() + JOB_LIMIT_MS;
  while (Date.now() < limit) {
    const job = await jobs.get(id);
    if (["completed", "failed"].includes(job.status)) return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${id} is not done after ${JOB_LIMIT_MS} ms`);
}
