// People who use a server until it dies under them, and who remember what it told them.

import { codeFromUri } from "../lib/totp.mjs";
import { json } from "../lib/http.mjs";
import { METHODS, methodPath } from "../lib/account.mjs";
import { authorizeUrl, pkce, redeem, refresh, signUp } from "../lib/oauth.mjs";
import { newPerson } from "../lib/person.mjs";
import { pause } from "../lib/wait.mjs";

/**
 * One person with a ledger of promises: `confirmed` and `started` methods, `renamed` names, `removed`
 * ids, and families of refresh tokens with the newest one the server acknowledged.
 */
export class Worker {
  confirmed = new Map();
  started = new Map();
  removed = new Set();
  families = [];
  /** Calls that got no answer: their effect may or may not have happened. */
  unanswered = [];

  static async signedUp(server, families) {
    const worker = new Worker();
    worker.person = newPerson("worker");
    const { browser, access_token, refresh_token } = await signUp(server, worker.person);
    worker.browser = browser;
    worker.accessToken = access_token;
    worker.families.push({ newest: refresh_token, retired: [], inDoubt: false });
    while (worker.families.length < families) await worker.#anotherFamily(server);
    return worker;
  }

  async #anotherFamily(server) {
    const { verifier, challenge } = pkce();
    const { url } = await this.browser.open(authorizeUrl(server, { challenge, prompt: "none" }));
    const { refresh_token } = await redeem(server, url, verifier);
    this.families.push({ newest: refresh_token, retired: [], inDoubt: false });
  }

  /** Adds, renames and removes methods until the server is gone. */
  async manageMethods(server) {
    for (let turn = 1; ; turn += 1) {
      const enrolled = await this.#call(server, "enroll", "POST", METHODS, { type: "totp" });
      if (!enrolled) return;
      const { id, auth_session, barcode_uri } = enrolled;
      this.started.set(id, { id, auth_session, barcode_uri });
      const otp_code = codeFromUri(barcode_uri, Date.now());
      const verified = await this.#call(server, id, "POST", `${methodPath(id)}/verify`, {
        auth_session,
        otp_code,
      });
      if (!verified) return;
      this.started.delete(id);
      this.confirmed.set(id, undefined);
      if (turn % 3 === 1) {
        const renamed = await this.#call(server, id, "PATCH", methodPath(id), { name: `app ${turn}` });
        if (!renamed) return;
        this.confirmed.set(id, renamed.name);
      }
      if (turn % 3 === 2) {
        if (!(await this.#call(server, id, "DELETE", methodPath(id)))) return;
        this.confirmed.delete(id);
        this.removed.add(id);
      }
    }
  }

  /** Refreshes one family after another until the server is gone. */
  async keepFresh(server) {
    for (let turn = 0; ; turn += 1) {
      const family = this.families[turn % this.families.length];
      family.inDoubt = true;
      const answer = await this.#answered("refresh", () => refresh(server, family.newest));
      if (!answer) return;
      family.inDoubt = false;
      if (answer.status !== 200) throw new Error(`refresh: ${answer.status} ${answer.text}`);
      family.retired.push(family.newest);
      family.newest = answer.json.refresh_token;
    }
  }

  /** The parsed answer of an acknowledged call, `{}` if it has none; undefined when the server died. */
  async #call(server, what, method, target, value) {
    const body = value ? json(value) : {};
    const headers = { authorization: `Bearer ${this.accessToken}`, ...body.headers };
    const answer = await this.#answered(what, () =>
      server.request(target, { method, headers, body: body.body }),
    );
    if (!answer) return undefined;
    if (answer.status >= 400) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.status === 204 ? {} : answer.json;
  }

  /** Repeats a call that was told to wait; notes one that got no answer. */
  async #answered(what, call) {
    for (;;) {
      try {
        const answer = await call();
        if (answer.status !== 429) return answer;
        await pause(1000 * Math.min(Number(answer.headers["retry-after"] ?? 1), 2));
      } catch (error) {
        if (!["ECONNRESET", "ECONNREFUSED", "EPIPE"].includes(error.code)) throw error;
        this.unanswered.push(what);
        return undefined;
      }
    }
  }
}
