// The server is killed without warning while people add methods and refresh tokens. Started again on
// the same data, it must know everything it had acknowledged and show nothing half-done.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { AccountApi } from "../lib/account.mjs";
import { refresh, signIn } from "../lib/oauth.mjs";
import { createDatabase, skipPostgres } from "../lib/postgres.mjs";
import { startServer } from "../lib/server.mjs";
import { pause, until } from "../lib/wait.mjs";
import { Worker } from "./workers.mjs";

const ROUNDS = 3;
const WORKERS = 4;
const FAMILIES = 6;
const LIFE_MS = [600, 2_500];

test("kill -9 on SQLite", { timeout: 300_000 }, () => crashes(undefined));

test("kill -9 on PostgreSQL", { timeout: 300_000, skip: skipPostgres }, async () => {
  const database = await createDatabase();
  try {
    await crashes(database.url);
  } finally {
    await database.drop();
  }
});

async function crashes(database) {
  const data = await mkdtemp(path.join(tmpdir(), "housekey-crash-"));
  try {
    for (let round = 0; round < ROUNDS; round += 1) await oneCrash({ data, database });
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

async function oneCrash(place) {
  let server = await startServer(place);
  const workers = [];
  for (let count = 0; count < WORKERS; count += 1) workers.push(await Worker.signedUp(server, FAMILIES));
  const work = workers.flatMap((worker) => [worker.manageMethods(server), worker.keepFresh(server)]);
  await pause(LIFE_MS[0] + Math.random() * (LIFE_MS[1] - LIFE_MS[0]));
  await server.kill();
  await Promise.all(work);

  // The same port, so that the issuer, and with it every token, is still this server's.
  server = await startServer({ ...place, port: server.port });
  try {
    for (const worker of workers) {
      await checkFamilies(server, worker);
      await checkMethods(server, worker);
      await checkNotices(server, worker);
    }
    const acknowledged = workers.reduce((sum, { confirmed, families }) => {
      return (
        sum + confirmed.size + families.reduce((rotations, { retired }) => rotations + retired.length, 0)
      );
    }, 0);
    assert.ok(acknowledged > WORKERS, `too little happened to learn from: ${acknowledged}`);
  } finally {
    await server.stop();
  }
}

/** The newest acknowledged token of every family works; a retired one does not. */
async function checkFamilies(server, { families }) {
  for (const { newest, retired, inDoubt } of families) {
    const answer = await refresh(server, newest);
    if (inDoubt) {
      // The rotation may have been stored and its answer lost; then the old token is spent.
      assert.ok([200, 403].includes(answer.status), answer.text);
      continue;
    }
    assert.equal(answer.status, 200, `an acknowledged refresh token is lost: ${answer.text}`);
    if (retired.length === 0) continue;
    const reuse = await refresh(server, retired.at(-1));
    assert.equal(reuse.status, 403, "a retired refresh token came back to life");
  }
}

/** What was acknowledged is there, as acknowledged; what is there is whole. */
async function checkMethods(server, worker) {
  const account = new AccountApi(server, (await signIn(server, worker.person)).access_token);
  const list = await account.list(); // each validated against the published description
  const found = new Map(list.map((method) => [method.id, method]));
  const inDoubt = new Set(worker.unanswered);

  for (const [id, name] of worker.confirmed) {
    const method = found.get(id);
    if (inDoubt.has(id) && !method) continue; // its removal was on the way
    assert.ok(method, `an acknowledged method is lost: ${id}`);
    assert.equal(method.confirmed, true, `${id} was acknowledged as verified`);
    if (!inDoubt.has(id)) assert.equal(method.name, name);
  }
  for (const id of worker.removed) assert.equal(found.has(id), false, `${id} was removed and is back`);
  for (const [id, enrollment] of worker.started) {
    const method = found.get(id);
    assert.ok(method, `an acknowledged enrolment is lost: ${id}`);
    if (method.confirmed) assert.ok(inDoubt.has(id), `${id} was never verified`);
    else await finishes(account, enrollment);
  }
  const known = new Set([...worker.confirmed.keys(), ...worker.started.keys()]);
  const others = list.filter(({ id, type }) => type !== "password" && !known.has(id));
  assert.ok(others.length <= (inDoubt.has("enroll") ? 1 : 0), `of unknown origin: ${JSON.stringify(others)}`);
  assert.ok(others.every(({ confirmed }) => confirmed === false));
}

/** A method and the mail about it are one fact: neither is there without the other. */
async function checkNotices(server, { person, confirmed, removed }) {
  const told = (messages, word) => messages.filter(({ subject }) => subject.includes(word)).length;
  await until("a mail about every change", async () => {
    const messages = await server.outbox(person.email);
    return (
      told(messages, "added") >= confirmed.size + removed.size && told(messages, "removed") >= removed.size
    );
  });
}

/** An enrolment begun before the crash can be finished after it. */
async function finishes(account, enrollment) {
  const answer = await account.verify(enrollment, { otp_code: await account.appCode(enrollment) });
  assert.equal(answer.status, 201, answer.text);
  assert.equal(answer.json.confirmed, true);
}
