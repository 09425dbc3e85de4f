/**
 * What the server tells the account page about itself.
 */

/** @returns {import("./types.js").Config} */
export function readConfig() {
  return JSON.parse(document.getElementById("account-config").textContent);
}
