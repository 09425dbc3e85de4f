// Runs programs that manage a server from outside: node-auth0's stories and the deploy tool, each in
// a process of its own that trusts the server's certificate authority.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PROGRAM = fileURLToPath(new URL("../sdk/management/program.mjs", import.meta.url));
const DEPLOY = fileURLToPath(new URL("../node_modules/.bin/a0deploy", import.meta.url));
const LIMIT_MS = 240_000;

const run = promisify(execFile);

/**
 * Tells one of the stories of `sdk/management` against a server; gives what came of it. `more` is for
 * the story's environment.
 */
export async function story(server, name, more = {}) {
  const { client_id, client_secret } = server.info.clients.management;
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: server.info.ca_certificate,
    DOMAIN: server.info.domain,
    CLIENT_ID: client_id,
    CLIENT_SECRET: client_secret,
    WEB: server.info.clients.web.client_id,
    ...more,
  };
  const { stdout } = await run(process.execPath, [PROGRAM, name], { env, timeout: LIMIT_MS });
  return JSON.parse(stdout);
}

/** Runs auth0-deploy-cli against a server; gives what it says. `kinds` limits it, if there are any. */
export async function deploy(server, args, kinds = []) {
  const { client_id, client_secret } = server.info.clients.management;
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: server.info.ca_certificate,
    AUTH0_DOMAIN: server.info.domain,
    AUTH0_CLIENT_ID: client_id,
    AUTH0_CLIENT_SECRET: client_secret,
    ...(kinds.length > 0 && { AUTH0_INCLUDED_ONLY: JSON.stringify(kinds) }),
  };
  const { stdout, stderr } = await run(DEPLOY, args, { env, timeout: LIMIT_MS });
  return stdout + stderr;
}
