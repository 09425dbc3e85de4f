// What an operator sets up, to be exported, torn down and imported again.

import { all } from "./lib.mjs";

const IDENTIFIER = "https://estate.example/";

export async function estateBuilt({ resourceServers, clients, clientGrants, connections, roles }) {
  await resourceServers.create({
    identifier: IDENTIFIER,
    name: "Estate",
    scopes: [{ value: "read:land", description: "See the land" }],
    token_lifetime: 1234,
    enforce_policies: true,
    token_dialect: "access_token_authz",
  });
  const { client_id } = await clients.create({
    name: "Gardener",
    app_type: "regular_web",
    callbacks: ["https://gardener.example/callback"],
    refresh_token: { rotation_type: "rotating", expiration_type: "expiring", leeway: 3 },
    jwt_configuration: { alg: "RS256", lifetime_in_seconds: 60 },
    client_metadata: { tool: "spade" },
  });
  await clientGrants.create({ client_id, audience: IDENTIFIER, scope: ["read:land"], subject_type: "user" });
  const { id } = await connections.create({ name: "villagers", strategy: "auth0", options: { disable_signup: true, disable_self_service_change_password: false } });
  await connections.clients.update(id, [{ client_id, status: true }]);
  const role = await roles.create({ name: "Steward", description: "Looks after it" });
  const permission = { resource_server_identifier: IDENTIFIER, permission_name: "read:land" };
  await roles.permissions.add(role.id, { permissions: [permission] });
  return {};
}

export async function estateTornDown({ resourceServers, clients, connections, roles }) {
  const named = async (list, name) => (await all(list)).find((one) => one.name === name);
  await roles.delete((await named(roles.list(), "Steward")).id);
  await connections.delete((await named(connections.list(), "villagers")).id);
  await clients.delete((await named(clients.list(), "Gardener")).client_id);
  await resourceServers.delete(IDENTIFIER);
  return {};
}
