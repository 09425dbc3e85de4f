// People to try things with.

import { randomBytes } from "node:crypto";

/** A password that every default policy accepts. */
export const PASSWORD = "Quiet-Lantern-47";

/** Somebody nobody has heard of yet. */
export function newPerson(name = "person") {
  return { email: `${name}-${randomBytes(6).toString("hex")}@example.com`, password: PASSWORD };
}
