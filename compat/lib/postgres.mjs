// A fresh PostgreSQL database per test, when there is a server to make it on.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);
const ADMIN = process.env.HOUSEKEY_TEST_POSTGRES;

/** Why PostgreSQL tests are skipped, or false; where `CI` is set they fail instead. */
export const skipPostgres = !ADMIN && !process.env.CI && "HOUSEKEY_TEST_POSTGRES is not set";

/** Creates a database; gives its address, a way past the server, and the way to remove it. */
export async function createDatabase() {
  if (!ADMIN) throw new Error("HOUSEKEY_TEST_POSTGRES is not set");
  const name = `compat_${randomBytes(6).toString("hex")}`;
  await sql(`CREATE DATABASE ${name}`);
  const url = new URL(ADMIN);
  url.pathname = name;
  return {
    url: url.href,
    sql: (statement) => sql(statement, url.href),
    drop: () => sql(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

function sql(statement, at = ADMIN) {
  return run("psql", ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", `--command=${statement}`, at]);
}
