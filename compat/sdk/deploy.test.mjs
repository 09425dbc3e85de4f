// auth0-deploy-cli, unmodified: what it exports it imports again, and then exports the same.

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { deploy, story } from "../lib/management.mjs";
import { THEME } from "../lib/theme.mjs";
import { world } from "../lib/world.mjs";

const KINDS = [
  "actions", "attackProtection", "branding", "clientGrants", "clients", "connections",
  "customDomains", "databases", "emailProvider", "emailTemplates", "guardianFactorProviders",
  "guardianFactorTemplates", "guardianFactors", "guardianPhoneFactorMessageTypes",
  "guardianPhoneFactorSelectedProvider", "guardianPolicies", "logStreams", "pages",
  "phoneProviders", "phoneTemplates", "prompts", "resourceServers", "roles", "tenant", "themes",
  "triggers",
];

/** Words of what the story builds, at least one for each kind of thing. */
const BUILT = [
  "Gardener", "villagers", "Steward", "https://estate.example/", "Chronicle", "Knock", "Beware",
  "Come in", "Herald", "porter@estate.example", "mail.estate.example", "#224466", THEME.colors.error, "twilio",
  "{{code}}", "all-applications",
];

const here = world({ tls: true });
let folder;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), "housekey-deploy-"))));
after(() => rm(folder, { recursive: true, force: true }));

async function exported(name, kinds) {
  const to = path.join(folder, name);
  const said = await deploy(here.server, ["export", "--format", "yaml", "--output_folder", to], kinds);
  assert.match(said, /Export Successful/);
  return { file: path.join(to, "tenant.yaml"), files: await contents(to), said };
}

/** The texts of all files of a folder, by their names in it. */
async function contents(folder) {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
  const read = async (file) => [path.relative(folder, file), await readFile(file, "utf8")];
  return Object.fromEntries(await Promise.all(files.sort().map(read)));
}

test("exports everything there is, and passes over what is not served", async () => {
  const { said } = await exported("everything", []);
  // Missing scopes are warnings that quote an "errorCode"; a failure is told at level "error".
  assert.doesNotMatch(said, /\berror\b|\[31merror/);
});

test("imports what it exported into a tenant that lost it", async () => {
  await story(here.server, "estateBuilt", { THEME: JSON.stringify(THEME) });
  const first = await exported("first", KINDS);
  const text = Object.values(first.files).join("\n");
  for (const part of BUILT) assert.ok(text.includes(part), part);
  await story(here.server, "estateTornDown");
  const said = await deploy(here.server, ["import", "--input_file", first.file], KINDS);
  assert.match(said, /Import Successful/);
  const second = await exported("second", KINDS);
  assert.deepEqual(second.files, first.files);
});
