// Stories about factors, when they are asked for, and who delivers their codes.

import { fails } from "./lib.mjs";

export async function factors({ guardian }) {
  const set = await guardian.factors.set("sms", { enabled: true });
  const listed = await guardian.factors.list();
  await guardian.factors.set("sms", { enabled: false });
  await guardian.policies.set(["all-applications"]);
  const policies = await guardian.policies.list();
  const never = await guardian.policies.set([]);
  return { set, listed, policies, never };
}

export async function guardianSettings({ guardian }) {
  const settings = {
    display_remember_me_checkbox: true,
    remember_me_default_value: false,
    mfa_session_inactivity_timeout: 7200,
    mfa_session_overall_timeout: 86400,
  };
  await guardian.set(settings);
  return { settings, found: await guardian.get() };
}

export async function phoneFactor({ guardian, branding }) {
  const { phone, sms } = guardian.factors;
  await phone.setMessageTypes({ message_types: ["sms", "voice"] });
  const types = await phone.getMessageTypes();
  await phone.setTwilioProvider({ from: "+12025550100", auth_token: "secret", sid: "AC1" });
  const twilio = await phone.getTwilioProvider();
  await phone.setProvider({ provider: "twilio" });
  const selected = await sms.getSelectedProvider();
  const texts = { enrollment_message: "Enrol {{code}}", verification_message: "Code {{code}}" };
  await phone.setTemplates(texts);
  const templates = await sms.getTemplates();
  const refused = await fails(phone.set({ otp_length: 8, otp_expiration_time: 300 }));
  const codes = await guardian.factors.email.get();
  const { providers } = await branding.phone.providers.list();
  await branding.phone.providers.delete(providers[0].id);
  return { types, twilio, selected, templates, refused, codes };
}

export async function pushFactor({ guardian }) {
  const { pushNotification } = guardian.factors;
  const account = {
    type: "service_account", project_id: "sdk", client_email: "push@sdk.example",
    private_key: "unused", token_uri: "https://sdk.example/token",
  };
  await pushNotification.setFcmv1Provider({ server_credentials: JSON.stringify(account) });
  const direct = await pushNotification.setProvider({ provider: "direct" });
  const selected = await pushNotification.getSelectedProvider();
  const refused = await fails(pushNotification.setProvider({ provider: "sns" }));
  await pushNotification.setSnsProvider({ aws_access_key_id: "A", aws_region: "eu-west-1" });
  await pushNotification.updateSnsProvider({ aws_region: "eu-west-2" });
  const sns = await pushNotification.getSnsProvider();
  return { direct, selected, refused, sns, apns: await pushNotification.getApnsProvider() };
}

export async function duo({ guardian }) {
  const { settings } = guardian.factors.duo;
  await settings.set({ ikey: "i", skey: "s", host: "api.duo.example" });
  await settings.update({ host: "other.duo.example" });
  return { found: await settings.get() };
}
