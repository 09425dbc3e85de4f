// What somebody's program does with node-auth0. The story to tell is the first argument.

import { ManagementClient } from "auth0";

const { DOMAIN, CLIENT_ID, CLIENT_SECRET, SPA } = process.env;
const client = new ManagementClient({ domain: DOMAIN, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });

/** All items of the SDK's pager. */
async function all(pager) {
  const items = [];
  for await (const item of await pager) items.push(item);
  return items;
}

/** How a call that must fail fails. */
async function fails(call) {
  try {
    await call;
  } catch ({ statusCode, body }) {
    return { statusCode, errorCode: body?.errorCode };
  }
  throw new Error("it did not fail");
}

const stories = {
  async apis() {
    const apis = client.resourceServers;
    const scopes = [{ value: "read:all", description: "Read all" }];
    const made = await apis.create({ identifier: "https://sdk.example/", name: "SDK", scopes });
    const found = await apis.get(made.id);
    const named = await apis.get(made.identifier);
    const listed = await all(apis.list({ per_page: 2 }));
    const changed = await apis.update(made.id, { token_lifetime: 60 });
    await apis.delete(made.id);
    return { made, found, named, listed, changed, missing: await fails(apis.get(made.id)) };
  },

  async grants() {
    const api = { identifier: "https://granted.example/", name: "G", scopes: [{ value: "read:me:factors" }] };
    const { id: apiId } = await client.resourceServers.create(api);
    const body = { client_id: SPA, audience: api.identifier, scope: ["read:me:factors"] };
    const made = await client.clientGrants.create(body);
    const found = await client.clientGrants.get(made.id);
    const listed = await all(client.clientGrants.list({ take: 1 }));
    const conflict = await fails(client.clientGrants.create(body));
    const changed = await client.clientGrants.update(made.id, { scope: [] });
    await client.clientGrants.delete(made.id);
    const missing = await fails(client.clientGrants.get(made.id));
    await client.resourceServers.delete(apiId);
    return { made, found, listed, changed, conflict, missing };
  },

  async activation() {
    const identifier = `https://${DOMAIN}/me/`;
    await client.resourceServers.delete(identifier);
    const off = await fails(client.resourceServers.get(identifier));
    return { off, on: await client.resourceServers.create({ identifier, name: "Mine" }) };
  },

  async unserved() {
    return { refused: await fails(client.organizations.get("org_0000000000000000")) };
  },
};

console.log(JSON.stringify(await stories[process.argv[2]]()));
