// Limits on what costs money are kept where a restart does not reach them.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { AccountApi, METHODS, assertProblem } from "../lib/account.mjs";
import { signIn } from "../lib/oauth.mjs";
import { startServer } from "../lib/server.mjs";

const phone = (number) => ({ type: "phone", phone_number: number });

test("a restart gives nobody new text messages", async () => {
  const data = await mkdtemp(path.join(tmpdir(), "housekey-limits-"));
  let server = await startServer({ data });
  try {
    let account = new AccountApi(server, (await signIn(server)).access_token);
    for (let n = 0; n < 10; n += 1) await account.enroll(phone(`+1500555000${n}`));
    await server.stop();
    server = await startServer({ data, port: server.port });
    account = new AccountApi(server, (await signIn(server)).access_token);
    const refused = await account.send("POST", METHODS, phone("+15005550010"));
    assertProblem(refused, 429, "429-0001");
    assert.match(refused.json.detail, /Try again in \d+ minutes/);
    assert.equal((await server.outbox("+15005550010")).length, 0);
    await server.advance(3600);
    account = new AccountApi(server, (await signIn(server)).access_token);
    await account.enroll(phone("+15005550010"));
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
});
