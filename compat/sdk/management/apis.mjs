// Stories about APIs and who may ask for them.

import { all, fails } from "./lib.mjs";

export async function apis({ resourceServers }) {
  const scopes = [{ value: "read:all", description: "Read all" }];
  const made = await resourceServers.create({ identifier: "https://sdk.example/", name: "SDK", scopes });
  const found = await resourceServers.get(made.id);
  const named = await resourceServers.get(made.identifier);
  const listed = await all(resourceServers.list({ per_page: 2 }));
  const changed = await resourceServers.update(made.id, { token_lifetime: 60 });
  await resourceServers.delete(made.id);
  return { made, found, named, listed, changed, missing: await fails(resourceServers.get(made.id)) };
}

export async function grants({ resourceServers, clientGrants }, { WEB }) {
  const api = { identifier: "https://granted.example/", name: "G", scopes: [{ value: "read:me:factors" }] };
  const { id: apiId } = await resourceServers.create(api);
  const body = { client_id: WEB, audience: api.identifier, scope: ["read:me:factors"] };
  const made = await clientGrants.create(body);
  const found = await clientGrants.get(made.id);
  const listed = await all(clientGrants.list({ take: 1 }));
  const conflict = await fails(clientGrants.create(body));
  const changed = await clientGrants.update(made.id, { scope: [] });
  await clientGrants.delete(made.id);
  const missing = await fails(clientGrants.get(made.id));
  await resourceServers.delete(apiId);
  return { made, found, listed, changed, conflict, missing };
}

export async function activation({ resourceServers }, { DOMAIN }) {
  const identifier = `https://${DOMAIN}/me/`;
  await resourceServers.delete(identifier);
  const off = await fails(resourceServers.get(identifier));
  return { off, on: await resourceServers.create({ identifier, name: "Mine" }) };
}

export async function unserved({ riskAssessments }) {
  return { refused: await fails(riskAssessments.settings.get()) };
}
