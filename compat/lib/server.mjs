// Starts and stops a throw-away Housekey in dev mode and drives its `/dev` endpoints.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { json, request } from "./http.mjs";
import { pause, until } from "./wait.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BINARY = process.env.HOUSEKEY_BIN ?? path.join(ROOT, "target/release/housekey");
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;

/**
 * Starts a server and waits until it accepts connections.
 *
 * @param {{ port?: number, data?: string, database?: string, tls?: boolean }} [options]
 *   Without `data` the server gets a fresh directory that `stop` removes.
 */
export async function startServer({ port = 0, data, database, tls = false } = {}) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: cargo build --release`);
  const directory = data ?? (await mkdtemp(path.join(tmpdir(), "housekey-compat-")));
  const description = path.join(directory, "dev.json");
  await rm(description, { force: true }); // one left by an earlier run would look like readiness

  const flags = ["dev", "--listen", `127.0.0.1:${port}`, "--data", directory];
  if (tls) flags.push("--tls");
  if (database) flags.push("--database", database);
  const child = spawn(BINARY, flags, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
  const server = new Server(child, directory, data === undefined);
  await until(
    "dev.json",
    () => {
      if (child.exitCode !== null) throw new Error(`housekey dev ended:\n${server.log}`);
      return existsSync(description);
    },
    START_LIMIT_MS,
  );
  Object.assign(server, { info: JSON.parse(await readFile(description, "utf8")) });
  if (tls) server.ca = await readFile(path.join(directory, "ca.pem"), "utf8");
  return server;
}

/** A running server and what `dev.json` says about it. */
class Server {
  /** The PEM text of its authority when it speaks TLS. @type {string | undefined} */
  ca;

  constructor(child, data, temporary) {
    this.child = child;
    this.data = data;
    this.temporary = temporary;
    this.log = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (this.log += text));
    }
    process.once("exit", () => child.kill("SIGKILL")); // no orphans when a test run is cut short
  }

  /** `http://localhost:PORT`, the value SDKs call the domain. */
  get origin() {
    return this.info.issuer.replace(/\/$/, "");
  }

  get port() {
    return Number(new URL(this.info.issuer).port);
  }

  /** One request to this server; `target` is a path or an absolute URL. */
  request(target, options = {}) {
    return request(new URL(target, this.info.issuer), { ca: this.ca, ...options });
  }

  /** The messages sent to an address, newest first. */
  async outbox(to) {
    const answer = await this.request(`/dev/outbox?${new URLSearchParams({ to })}`);
    if (answer.status !== 200) throw new Error(`outbox: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  /** Waits for a message to `to` that `wanted` accepts; deliveries follow their cause, not at once. */
  message(to, wanted = () => true) {
    return until(`a message to ${to}`, async () => (await this.outbox(to)).find(wanted));
  }

  /** The server's idea of now, in milliseconds since the epoch. */
  async now() {
    return Date.parse((await this.request("/dev/clock")).json.now);
  }

  /** Moves the server's clock forward. */
  async advance(seconds) {
    const answer = await this.request("/dev/clock", {
      method: "POST",
      ...json({ advance_seconds: seconds }),
    });
    if (answer.status !== 200) throw new Error(`clock: ${answer.status} ${answer.text}`);
  }

  /** Ends the process as a power cut would. */
  async kill() {
    this.child.kill("SIGKILL");
    await this.#ended();
  }

  /** Asks the process to end, and fails if it does not or if it ever panicked. */
  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      const limit = new AbortController();
      const late = pause(STOP_LIMIT_MS, limit.signal).then(() => "late");
      const ended = await Promise.race([this.#ended(), late]);
      limit.abort(); // a timer left behind would keep this process waiting
      if (ended === "late") {
        await this.kill();
        throw new Error(`the server ignored SIGTERM for ${STOP_LIMIT_MS} ms`);
      }
    }
    if (this.temporary) await rm(this.data, { recursive: true, force: true });
    if (/panicked at/.test(this.log)) throw new Error(`the server panicked:\n${this.log}`);
  }

  #ended() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => this.child.once("exit", () => resolve()));
  }
}
