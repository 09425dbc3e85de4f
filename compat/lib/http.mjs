// One HTTP request, exactly as asked.
//
// `fetch` hides what these tests look at: it follows redirects, merges `Set-Cookie`, refuses a
// foreign `Host` and trusts only the certificates the process started with.

import http from "node:http";
import https from "node:https";

const TIMEOUT_MS = 30_000;

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
  return new Promise((resolve, reject) => {
    const outgoing = transport.request(
      target,
      { method, headers, ca, agent: false, family: 4 },
      (incoming) => {
        const chunks = [];
        incoming.on("data", (chunk) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => resolve(new Answer(target, incoming, Buffer.concat(chunks))));
      },
    );
    outgoing.setTimeout(TIMEOUT_MS, () => outgoing.destroy(new Error(`${method} ${target}: timed out`)));
    // A server may answer and hang up before it has read an oversized body. The answer, when there
    // is one, has settled the promise by then and this changes nothing.
    outgoing.on("error", reject);
    outgoing.end(body);
  });
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
