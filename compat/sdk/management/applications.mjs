// Stories about applications and connections.

import { all, fails } from "./lib.mjs";

export async function applications({ clients }) {
  const callbacks = ["https://sdk.example/callback"];
  const made = await clients.create({ name: "SDK", app_type: "regular_web", callbacks });
  const found = await clients.get(made.client_id);
  const listed = await all(clients.list({ per_page: 2, is_global: false }));
  const changed = await clients.update(made.client_id, {
    callbacks: null,
    client_metadata: { team: "growth" },
    refresh_token: { rotation_type: "rotating", expiration_type: "expiring", leeway: 5 },
  });
  const rotated = await clients.rotateSecret(made.client_id);
  const [everything] = await all(clients.list({ is_global: true }));
  await clients.delete(made.client_id);
  return {
    made, found, listed, changed, rotated, everything,
    missing: await fails(clients.get(made.client_id)),
  };
}

export async function connections({ connections }, { WEB }) {
  const made = await connections.create({ name: "sdk", strategy: "auth0" });
  const found = await connections.get(made.id);
  const listed = await all(connections.list({ take: 1 }));
  const options = { ...found.options, passwordPolicy: "excellent" };
  const changed = await connections.update(made.id, { options, display_name: "SDK" });
  await connections.clients.update(made.id, [{ client_id: WEB, status: true }]);
  const clients = await all(connections.clients.get(made.id));
  await connections.delete(made.id);
  return { made, found, listed, changed, clients, missing: await fails(connections.get(made.id)) };
}
