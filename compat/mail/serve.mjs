// Starts `housekey serve` as an operator would: a configuration file, a tenant, an application and
// a user made on the command line.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pkce } from "../lib/oauth.mjs";
import { until } from "../lib/wait.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = process.env.HOUSEKEY_BIN ?? path.join(ROOT, "target/release/housekey");
const CALLBACK = "http://localhost:3000";

const run = promisify(execFile);

/**
 * A running server with one tenant and one application.
 *
 * @param {string} mail the `[mail]` section
 */
export async function serve(mail) {
  const directory = await mkdtemp(path.join(tmpdir(), "housekey-mail-"));
  const house = new House(directory);
  await writeFile(path.join(directory, "master.key"), await house.command("master-key"));
  await writeFile(path.join(directory, "housekey.toml"), configuration(mail));
  await house.start();
  const host = new URL(house.issuer).host;
  await house.command("tenant", "create", ...CONFIG, "acme", "--host", host, "--friendly-name", "Acme & Söhne");
  const client = ["--tenant", "acme", "--name", "Shop", "--type", "spa", "--callback", CALLBACK];
  house.client = JSON.parse(await house.command("client", "create", ...CONFIG, ...client, "--json")).client_id;
  return house;
}

const CONFIG = ["--config", "housekey.toml"];

const configuration = (mail) => `
[server]
listen = "127.0.0.1:0"
public_scheme = "http"

[database]
url = "sqlite://housekey.db"

[master_key]
file = "master.key"

[passwords]
memory_kib = 64
passes = 1

[mail]
${mail}
`;

class House {
  log = "";

  constructor(directory) {
    this.directory = directory;
  }

  /** What a page client has to know of a server. */
  get info() {
    return { issuer: this.issuer };
  }

  async start() {
    this.child = spawn(BINARY, ["serve", ...CONFIG], { cwd: this.directory, stdio: ["ignore", "ignore", "pipe"] });
    this.child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    process.once("exit", () => this.child.kill("SIGKILL"));
    const port = await until("the port in the log", () => {
      if (this.child.exitCode !== null) throw new Error(`housekey serve ended:\n${this.log}`);
      return this.log.match(/address=127\.0\.0\.1:(\d+)/)?.[1];
    });
    this.issuer = `http://localhost:${port}/`;
  }

  /** Runs a command to its end and gives what it printed. */
  async command(...words) {
    const running = run(BINARY, words, { cwd: this.directory });
    running.child.stdin.end();
    return (await running).stdout;
  }

  /** Adds a user without a password. */
  async addUser(email) {
    await this.command("user", "create", ...CONFIG, "--tenant", "acme", "--email", email);
  }

  /** What the doctor says, with `variables` over the configuration. It ends with 1 at a problem. */
  async doctor(words = [], variables = {}) {
    const env = { ...process.env, ...variables };
    const running = run(BINARY, ["doctor", ...CONFIG, "--json", ...words], { cwd: this.directory, env });
    const { stdout, code = 0 } = await running.catch((error) => error);
    const { ok, findings } = JSON.parse(stdout);
    return { ok, code, of: (check) => findings.filter((found) => found.check === check) };
  }

  authorizeUrl() {
    const request = { response_type: "code", client_id: this.client, redirect_uri: CALLBACK, scope: "openid", state: "s" };
    const proof = { code_challenge: pkce().challenge, code_challenge_method: "S256" };
    return `${this.issuer}authorize?${new URLSearchParams({ ...request, ...proof })}`;
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    await rm(this.directory, { recursive: true, force: true });
    if (/panicked at/.test(this.log)) throw new Error(`the server panicked:\n${this.log}`);
  }
}
