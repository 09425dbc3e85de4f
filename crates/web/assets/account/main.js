/**
 * The account page: sign in if need be, then show what can be managed.
 */

import { AccountApi } from "./api.js";
import { readConfig } from "./config.js";
import { h } from "./dom.js";
import { SignInError, finishSignIn, signOutUrl, startSignIn } from "./oauth.js";
import { Overview } from "./overview.js";

/** A token refused this soon after it was issued will not be better next time. */
const FRESH_TOKEN_MS = 10_000;

const config = readConfig();

open().catch(showFailure);

async function open() {
  const session = await finishSignIn(config);
  if (!session) return startSignIn(config);
  showBar(session.claims);
  const issuedAt = Date.now();
  /** @returns {Promise<never>} */
  const onUnauthorized = () => {
    if (Date.now() - issuedAt > FRESH_TOKEN_MS) return startSignIn(config);
    showFailure(new SignInError("The server did not accept its own access token."));
    return new Promise(() => {});
  };
  await new Overview(new AccountApi(config.issuer, session.accessToken, onUnauthorized), session.claims).open();
}

/** @param {import("./types.js").Session["claims"]} claims */
function showBar({ email, name }) {
  const signOut = h("button", { type: "button", class: "button button-outline button-small", id: "sign-out" }, "Log out");
  signOut.addEventListener("click", () => location.assign(signOutUrl(config)));
  document.getElementById("account-bar").replaceChildren(
    h("span", { class: "muted bar-user" }, email ?? name ?? ""),
    signOut,
  );
}

/** @param {unknown} error */
function showFailure(error) {
  const again = h("button", { type: "button", class: "button button-primary" }, "Log in again");
  again.addEventListener("click", () => startSignIn(config).catch(showFailure));
  document.getElementById("account").replaceChildren(
    h(
      "div",
      { class: "alert", role: "alert" },
      h("p", {}, "You could not be logged in."),
      h("p", {}, error instanceof SignInError ? error.message || error.code : "Something went wrong."),
    ),
    h("div", { class: "actions" }, again),
  );
}
