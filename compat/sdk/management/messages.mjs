// Stories about how pages and messages look, and who sends them.

import { fails } from "./lib.mjs";

export async function branding({ branding }) {
  const colors = { primary: "#112233" };
  const changed = await branding.update({ colors, logo_url: "https://sdk.example/logo.png" });
  const template = "<head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body>";
  await branding.templates.updateUniversalLogin({ template });
  const page = await branding.templates.getUniversalLogin();
  await branding.templates.deleteUniversalLogin();
  const missing = await fails(branding.templates.getUniversalLogin());
  return { changed, found: await branding.get(), template, page, missing };
}

export async function themes({ branding }, { THEME }) {
  const theme = JSON.parse(THEME);
  const made = await branding.themes.create(theme);
  const found = await branding.themes.get(made.themeId);
  const standard = await branding.themes.getDefault();
  const changed = await branding.themes.update(made.themeId, { ...theme, displayName: "Night" });
  await branding.themes.delete(made.themeId);
  return { made, found, standard, changed, missing: await fails(branding.themes.getDefault()) };
}

export async function phoneProviders({ branding }) {
  const { providers } = branding.phone;
  const configuration = { default_from: "+12025550100", sid: "AC1", delivery_methods: ["text"] };
  const credentials = { auth_token: "secret" };
  const made = await providers.create({ name: "twilio", configuration, credentials });
  const found = await providers.get(made.id);
  const listed = await providers.list();
  const changed = await providers.update(made.id, { disabled: true });
  await providers.delete(made.id);
  return { made, found, listed, changed, missing: await fails(providers.get(made.id)) };
}

export async function phoneTemplates({ branding }) {
  const { templates } = branding.phone;
  const content = (text) => ({ syntax: "liquid", from: "SDK", body: { text, voice: "Say {{ code }}" } });
  const made = await templates.create({ type: "otp_verify", content: content("Code {{ code }}") });
  const found = await templates.get(made.id);
  const listed = await templates.list();
  const changed = await templates.update(made.id, { content: content("Now {{ code }}") });
  const reset = await templates.reset(made.id, {});
  await templates.delete(made.id);
  return { made, found, listed, changed, reset, missing: await fails(templates.get(made.id)) };
}

export async function prompts({ prompts }) {
  await prompts.updateSettings({ identifier_first: true });
  const settings = await prompts.getSettings();
  await prompts.customText.set("login", "en", { login: { title: "Hello" } });
  const texts = await prompts.customText.get("login", "en");
  await prompts.partials.set("login", { login: { "form-content-start": "<b>x</b>" } });
  return { settings, texts, partials: await prompts.partials.get("login") };
}

export async function emails({ emails }) {
  const credentials = { smtp_host: "mail.example", smtp_port: 587, smtp_user: "u", smtp_pass: "secret" };
  const from = { default_from_address: "house@example.com" };
  const made = await emails.provider.create({ name: "smtp", credentials, ...from });
  const found = await emails.provider.get({ fields: "name,credentials" });
  const changed = await emails.provider.update({ enabled: false });
  await emails.provider.delete();
  return { made, found, changed, missing: await fails(emails.provider.get()) };
}

export async function emailTemplates({ emailTemplates }) {
  const template = "welcome_email";
  const content = { subject: "Hello", from: "a@example.com", syntax: "liquid", enabled: true };
  const made = await emailTemplates.create({ template, body: "<p>Hi</p>", ...content });
  const changed = await emailTemplates.update(template, { subject: "Goodbye" });
  await emailTemplates.set(template, { template, body: "<p>Ho</p>", ...content });
  return { made, changed, found: await emailTemplates.get(template) };
}
