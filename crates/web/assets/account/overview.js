/**
 * The account page once the person is signed in: all authentication methods, by kind.
 */

import { announce, h } from "./dom.js";
import { groups, kindOf } from "./factors.js";
import { methodHistory, methodRow } from "./method-row.js";
import { explain } from "./problem.js";

/** The part of the address that names an enrolment in progress: `#add-totp`. */
const ADD = "#add-";

/** The signed-in page. */
export class Overview {
  #api;
  #claims;
  #main = document.getElementById("account");

  /**
   * @param {import("./api.js").AccountApi} api
   * @param {import("./types.js").Session["claims"]} claims
   */
  constructor(api, claims) {
    this.#api = api;
    this.#claims = claims;
  }

  /** Loads and shows the list; takes up the enrolment the address names. */
  async open() {
    const groups = await this.#refresh();
    const group = groups.find(({ type }) => location.hash === ADD + type);
    if (group?.offered && kindOf(group.type).enroll) this.#add(group.type);
  }

  async #refresh() {
    try {
      const [factors, methods] = await Promise.all([this.#api.factors(), this.#api.methods()]);
      const all = groups(factors, methods);
      this.#main.replaceChildren(...this.#page(all));
      return all;
    } catch (error) {
      this.#showFailure(error);
      return [];
    }
  }

  #page(all) {
    const { name, email } = this.#claims;
    const who = [...new Set([name, email])].filter(Boolean).join(" · ");
    return [
      h("div", { class: "heading" }, h("div", {}, h("h1", { tabindex: -1 }, "Account security"), who && h("p", {}, who))),
      ...this.#section("Logging in", "", all.filter((group) => group.primary)),
      ...this.#section(
        "Second step",
        "Besides your password, so that a stolen password is not enough.",
        all.filter((group) => !group.primary),
      ),
    ];
  }

  #section(title, text, members) {
    if (members.length === 0) return [];
    return [
      h("div", { class: "section-heading" }, h("h2", {}, title), text && h("p", { class: "muted" }, text)),
      ...members.map((group) => this.#card(group)),
    ];
  }

  #card({ type, offered, methods }) {
    const kind = kindOf(type);
    const confirmed = methods.filter((method) => method.confirmed !== false);
    // There is one password and nothing to do with it but change it, so it needs no row.
    const single = type === "password";
    const rows = single ? [] : methods.map((method) => methodRow(this.#api, method, (work) => this.#run(work)));
    const text = single ? methodHistory(methods[0]) : kind.text;
    return h(
      "section",
      { class: "card factor", "data-factor": type, "aria-label": kind.title },
      h(
        "div",
        { class: "factor-head" },
        h("div", {}, h("h3", {}, kind.title), h("p", { class: "hint" }, text)),
        this.#addButton(type, kind, offered, confirmed.length > 0),
      ),
      rows.length > 0 && h("ul", { class: "methods" }, ...rows),
    );
  }

  #addButton(type, kind, offered, present) {
    if (!offered) return null;
    if (!kind.enroll) return h("span", { class: "tag" }, "Not available in this version");
    const style = present ? "button-outline" : "button-primary";
    return h(
      "button",
      { type: "button", class: `button button-small ${style}`, "data-focus": `add ${type}`, onclick: () => this.#add(type) },
      present ? kind.again : kind.add,
    );
  }

  /** The address names the enrolment meanwhile, so that signing in again leads back to it. */
  #add(type) {
    history.replaceState(null, "", ADD + type);
    return this.#run(async () => {
      try {
        return await kindOf(type).enroll(this.#api);
      } finally {
        history.replaceState(null, "", location.pathname);
      }
    });
  }

  async #run(work) {
    const key = document.activeElement?.getAttribute("data-focus") ?? null;
    const done = await work();
    await this.#refresh();
    // The element that had the focus was drawn anew, or is gone.
    /** @type {HTMLElement | null} */
    const again = key === null ? null : this.#main.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    (again ?? this.#main.querySelector("h1") ?? this.#main).focus();
    if (done) {
      announce(done);
      this.#main.prepend(h("p", { class: "notice" }, done));
    }
  }

  #showFailure(error) {
    const again = h("button", { type: "button", class: "button button-outline" }, "Try again");
    again.addEventListener("click", () => this.open());
    this.#main.replaceChildren(
      h("div", { class: "alert", role: "alert" }, explain(error)),
      h("div", { class: "actions" }, again),
    );
  }
}
