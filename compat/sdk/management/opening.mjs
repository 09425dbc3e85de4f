// The story of an operator who opens the My Account API to an application, by API alone.

import { all } from "./lib.mjs";

const CONNECTION = "Username-Password-Authentication";
/** The one policy there is: a second factor, a short while ago. */
const REQUIRE_2FA = "019b76da-a800-73c9-b656-b349ae415c17";

export async function opened(client, { DOMAIN, ORIGIN, SCOPES, EMAIL, PASSWORD }) {
  const { resourceServers, clients, clientGrants, connections, guardian, users } = client;
  const identifier = `https://${DOMAIN}/me/`;
  // Where it is active already, it begins anew: without policy, and with no application let in.
  await resourceServers.delete(identifier);
  const api = await resourceServers.create({ identifier });
  await resourceServers.update(api.id, { authorization_policy: { policy_id: REQUIRE_2FA } });
  await guardian.factors.set("otp", { enabled: true });
  const { client_id } = await clients.create({
    name: "Opened",
    app_type: "spa",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    callbacks: [ORIGIN],
    web_origins: [ORIGIN],
    allowed_origins: [ORIGIN],
  });
  const [{ id }] = await all(connections.list({ name: [CONNECTION] }));
  await connections.clients.update(id, [{ client_id, status: true }]);
  const scope = SCOPES.split(" ");
  await clientGrants.create({ client_id, audience: identifier, scope, subject_type: "user" });
  const { user_id } = await users.create({ connection: CONNECTION, email: EMAIL, password: PASSWORD });
  return { client_id, user_id };
}
