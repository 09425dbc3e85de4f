// Stories about users and roles.

import { all, fails } from "./lib.mjs";

const CONNECTION = "Username-Password-Authentication";
const PASSWORD = "Correct-Horse-7-Battery";

export async function users({ users }) {
  const email = "sdk@example.com";
  const made = await users.create({
    connection: CONNECTION, email, password: PASSWORD,
    given_name: "Ada", user_metadata: { hobby: "engines" }, app_metadata: { plan: "gold" },
  });
  const found = await users.get(made.user_id);
  const byEmail = await users.listUsersByEmail({ email });
  const listed = await all(users.list({ per_page: 1 }));
  const searched = await all(users.list({ q: 'app_metadata.plan:"gold" AND email:sdk*' }));
  const changed = await users.update(made.user_id, { blocked: true, user_metadata: { hobby: null } });
  const conflict = await fails(users.create({ connection: CONNECTION, email, password: PASSWORD }));
  await users.delete(made.user_id);
  const missing = await fails(users.get(made.user_id));
  return { made, found, byEmail, listed, searched, changed, conflict, missing };
}

export async function roles({ roles, users, resourceServers }) {
  const identifier = "https://roles.example/";
  const api = await resourceServers.create({ identifier, name: "R", scopes: [{ value: "read:x" }] });
  const user = await users.create({ connection: CONNECTION, email: "role@example.com", password: PASSWORD });
  const made = await roles.create({ name: "Reader", description: "Reads" });
  const permissions = [{ resource_server_identifier: identifier, permission_name: "read:x" }];
  await roles.permissions.add(made.id, { permissions });
  const allowed = await all(roles.permissions.list(made.id));
  await users.roles.assign(user.user_id, { roles: [made.id] });
  const members = await all(roles.users.list(made.id));
  const ofUser = await all(users.roles.list(user.user_id));
  const inherited = await all(users.permissions.list(user.user_id));
  const changed = await roles.update(made.id, { description: "Reads all" });
  const listed = await all(roles.list({ per_page: 1 }));
  await roles.delete(made.id);
  const missing = await fails(roles.get(made.id));
  await users.delete(user.user_id);
  await resourceServers.delete(api.id);
  return { made, allowed, members, ofUser, inherited, changed, listed, missing };
}
