// One HTTP request, exactly as asked.
//
// `fetch` hides what these tests look at: it follows redirects, merges `Set-Cookie`, refuses a
// foreign `Host` and trusts only the certificates the process started with.

import http from "node:http";
import https from "node:https";
import { pause } from "./wait.mjs";

const TIMEOUT_MS = 30_000;
const PIECE = 64 * 1024;
const PIECE_MS = 10;

/**
 * Sends one request and reads the whole answer.
 *
 * @param {string | URL} url
 * @param {{ method?: string, headers?: Record<string, string>, body?: string | Buffer, ca?: string }} [options]
 *   `ca` is the PEM text of the only authority to trust.
 */
export function request(url, { method = "GET", headers = {}, body, ca } = {}) {
  const target = new URL(url);
  const transport = target.protocol === "https:" ? https : http;
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...length, ...headers }, ca, agent: false, family: 4 };
    const outgoing = transport.request(target, options, (incoming) => {
      const chunks = [];
      incoming.on("data", (chunk) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve(new Answer(target, incoming, Buffer.concat(chunks))));
    });
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error(`${method} ${target}: timed out`)));
    outgoing.on("error", reject);
    send(outgoing, Buffer.from(body ?? ""));
  });
}

/**
 * Writes the body piece by piece, unhurried, and stops once there is an answer. A server may answer
 * an oversized body and hang up before it has read all of it; to a sender that does not listen
 * meanwhile, the network reports the hanging up and loses the answer.
 */
async function send(outgoing, body) {
  let answered = false;
  outgoing.once("response", () => (answered = true));
  for (let at = 0; at < body.length && !answered && !outgoing.destroyed; at += PIECE) {
    if (at > 0) await pause(PIECE_MS);
    outgoing.write(body.subarray(at, at + PIECE));
  }
  if (!answered) outgoing.end();
}

/** What came back: status, headers as Node folds them, and the body. */
class Answer {
  constructor(url, incoming, body) {
    this.url = url;
    this.status = incoming.statusCode;
    this.headers = incoming.headers;
    this.body = body;
  }

  get text() {
    return this.body.toString("utf8");
  }

  /** The body as JSON; a body that is none fails with the text in the message. */
  get json() {
    try {
      return JSON.parse(this.text);
    } catch {
      throw new Error(`${this.status} from ${this.url.pathname} is not JSON: ${this.text.slice(0, 200)}`);
    }
  }

  /** Every `Set-Cookie` header, in order. */
  get setCookies() {
    return this.headers["set-cookie"] ?? [];
  }
}

/** Body and headers of a JSON request. */
export function json(value) {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** Body and headers of a form request. */
export function form(fields) {
  return {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  };
}
