// auth0-deploy-cli, unmodified: what it exports it imports again, and then exports the same.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { deploy, story } from "../lib/management.mjs";
import { world } from "../lib/world.mjs";

const KINDS = [
  "attackProtection", "clientGrants", "clients", "connections", "databases",
  "guardianFactorProviders", "guardianFactorTemplates", "guardianFactors",
  "guardianPhoneFactorMessageTypes", "guardianPhoneFactorSelectedProvider", "guardianPolicies",
  "pages", "resourceServers", "roles", "tenant",
];

const here = world({ tls: true });
let folder;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), "housekey-deploy-"))));
after(() => rm(folder, { recursive: true, force: true }));

async function exported(name, kinds) {
  const to = path.join(folder, name);
  const said = await deploy(here.server, ["export", "--format", "yaml", "--output_folder", to], kinds);
  assert.match(said, /Export Successful/);
  return { file: path.join(to, "tenant.yaml"), said };
}

test("exports everything there is, and passes over what is not served", async () => {
  const { said } = await exported("everything", []);
  // Missing scopes are warnings that quote an "errorCode"; a failure is told at level "error".
  assert.doesNotMatch(said, /\berror\b|\[31merror/);
});

test("imports what it exported into a tenant that lost it", async () => {
  await story(here.server, "estateBuilt");
  const first = await exported("first", KINDS);
  const text = await readFile(first.file, "utf8");
  for (const part of ["Gardener", "villagers", "Steward", "https://estate.example/"]) {
    assert.ok(text.includes(part), part);
  }
  await story(here.server, "estateTornDown");
  const said = await deploy(here.server, ["import", "--input_file", first.file], KINDS);
  assert.match(said, /Import Successful/);
  const second = await exported("second", KINDS);
  assert.equal(await readFile(second.file, "utf8"), text);
});
