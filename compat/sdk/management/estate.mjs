// What an operator sets up, to be exported, torn down and imported again.

import { all } from "./lib.mjs";

const IDENTIFIER = "https://estate.example/";

export async function estateBuilt(client, { THEME }) {
  await builtForApplications(client);
  await builtForTheTenant(client, JSON.parse(THEME));
  return {};
}

async function builtForApplications({ resourceServers, clients, clientGrants, connections, roles }) {
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
  const options = { disable_signup: true, disable_self_service_change_password: false };
  const { id } = await connections.create({ name: "villagers", strategy: "auth0", options });
  await connections.clients.update(id, [{ client_id, status: true }]);
  const role = await roles.create({ name: "Steward", description: "Looks after it" });
  const permission = { resource_server_identifier: IDENTIFIER, permission_name: "read:land" };
  await roles.permissions.add(role.id, { permissions: [permission] });
}

async function builtForTheTenant(client, theme) {
  const { attackProtection, branding, emails, emailTemplates, guardian, logStreams, prompts } = client;
  await branding.themes.create(theme);
  await branding.update({ colors: { primary: "#224466" }, logo_url: "https://estate.example/logo.png" });
  await emails.provider.create({
    name: "smtp",
    default_from_address: "porter@estate.example",
    credentials: { smtp_host: "mail.estate.example", smtp_port: 587, smtp_user: "porter", smtp_pass: "key" },
  });
  const letter = { syntax: "liquid", from: "porter@estate.example", subject: "Welcome", enabled: true };
  await emailTemplates.create({ template: "welcome_email", body: "<p>Come in</p>", ...letter });
  const sink = { httpEndpoint: "https://chronicle.example/", httpContentFormat: "JSONLINES" };
  await logStreams.create({ name: "Chronicle", type: "http", sink });
  await prompts.updateSettings({ identifier_first: false });
  await prompts.customText.set("login", "en", { login: { title: "Knock" } });
  await prompts.partials.set("login", { login: { "form-content-start": "<b>Beware</b>" } });
  await attackProtection.bruteForceProtection.update({ max_attempts: 6 });
  await guardian.factors.set("otp", { enabled: true });
  await guardian.policies.set(["all-applications"]);
  const texts = { enrollment_message: "In: {{code}}", verification_message: "{{code}}" };
  await guardian.factors.phone.setTemplates(texts);
  await branding.phone.providers.create({
    name: "twilio",
    configuration: { default_from: "+12025550100", sid: "AC1", delivery_methods: ["text"] },
    credentials: { auth_token: "secret" },
  });
  await branding.phone.templates.create({
    type: "otp_verify",
    content: { syntax: "liquid", from: "ESTATE", body: { text: "Herald {{ code }}", voice: "{{ code }}" } },
  });
  await client.tenants.settings.update({ friendly_name: "Estate", support_email: "porter@estate.example" });
}

export async function estateTornDown(client) {
  await applicationsTornDown(client);
  await tenantTornDown(client);
  return {};
}

async function applicationsTornDown({ resourceServers, clients, connections, roles }) {
  const named = async (list, name) => (await all(list)).find((one) => one.name === name);
  await roles.delete((await named(roles.list(), "Steward")).id);
  await connections.delete((await named(connections.list(), "villagers")).id);
  await clients.delete((await named(clients.list(), "Gardener")).client_id);
  await resourceServers.delete(IDENTIFIER);
}

async function tenantTornDown(client) {
  const { attackProtection, branding, emails, emailTemplates, guardian, logStreams, prompts } = client;
  await branding.themes.delete((await branding.themes.getDefault()).themeId);
  await branding.update({ colors: { primary: "#000000" }, logo_url: "https://ruin.example/logo.png" });
  await emails.provider.delete();
  await emailTemplates.update("welcome_email", { subject: "Gone", enabled: false });
  for (const stream of await logStreams.list()) await logStreams.delete(stream.id);
  await prompts.updateSettings({ identifier_first: true });
  await prompts.customText.set("login", "en", {});
  await prompts.partials.set("login", {});
  await attackProtection.bruteForceProtection.update({ max_attempts: 99 });
  await guardian.factors.set("otp", { enabled: false });
  await guardian.policies.set([]);
  await guardian.factors.phone.setTemplates({ enrollment_message: "?", verification_message: "?" });
  const { providers } = await branding.phone.providers.list();
  for (const { id } of providers) await branding.phone.providers.delete(id);
  const { templates } = await branding.phone.templates.list();
  for (const { id } of templates) await branding.phone.templates.delete(id);
  await client.tenants.settings.update({ friendly_name: "Ruin", support_email: "nobody@ruin.example" });
}
