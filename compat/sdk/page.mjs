// A browser with the application open, and the calls a test makes on the SDK's client inside it.

import { launchBrowser, signInOn, withPage } from "../lib/browser.mjs";
import { ACCOUNT_SCOPES } from "../lib/oauth.mjs";
import { startServer } from "../lib/server.mjs";
import { startApp } from "./app.mjs";

/** Server, browser and application, until `stop`. */
export async function chromiumPage() {
  const [server, browser, site] = await Promise.all([startServer(), launchBrowser(), startApp()]);
  return {
    server,
    /** Runs `steps` in a fresh profile with a client of these options. */
    visit: (options, steps) =>
      withPage(browser, { realApp: true }, async (page) => {
        const app = new App(page, server, site.origin, options);
        await app.reload();
        await steps(app, page);
      }),
    stop: async () => {
      await browser.close();
      await site.stop();
      await server.stop();
    },
  };
}

class App {
  constructor(page, server, origin, options) {
    this.page = page;
    this.server = server;
    this.origin = origin;
    this.settings = {
      domain: server.origin,
      clientId: server.info.clients.spa.client_id,
      authorizationParams: {
        redirect_uri: origin,
        audience: server.info.my_account_audience,
        scope: `openid profile email ${ACCOUNT_SCOPES}`,
      },
      ...options,
    };
  }

  /** Loads the application afresh: what was in memory is gone. */
  async reload(address = this.origin) {
    await this.page.goto(address);
    await this.#construct();
  }

  /** Runs `call` in the page with the client and one argument. */
  run(call, argument) {
    return this.page.evaluate(
      ([source, argument]) => new Function(`return (${source})`)()(window.client, argument),
      [String(call), argument],
    );
  }

  /** The same for a call that has to fail; gives what the application would catch. */
  fails(call, argument) {
    return this.page.evaluate(
      async ([source, argument]) => {
        try {
          await new Function(`return (${source})`)()(window.client, argument);
        } catch (error) {
          return { ...error, name: error.name, message: error.message };
        }
        throw new Error("the call succeeded");
      },
      [String(call), argument],
    );
  }

  /** Leaves for the login pages. */
  async redirect(authorizationParams = {}) {
    await this.run(
      (client, params) => void client.loginWithRedirect({ authorizationParams: params }),
      authorizationParams,
    );
    await this.page.waitForURL(/\/u\//);
  }

  /** Does what leads back to the application, and lets the SDK take up the answer. */
  async comeBack(action) {
    await Promise.all([
      this.page.waitForURL((url) => url.origin === this.origin && url.searchParams.has("code")),
      action(),
    ]);
    await this.#construct();
    await this.run((client) => client.handleRedirectCallback().then(() => undefined));
  }

  /** A login from the application and back. */
  async login(person) {
    await this.redirect();
    await this.comeBack(() => signInOn(this.page, person));
  }

  /** Logs out through the SDK, which returns here. */
  async logout() {
    const away = this.page.waitForURL(/logout|localhost:3000/);
    await this.run((client, returnTo) => void client.logout({ logoutParams: { returnTo } }), this.origin);
    await away;
    await this.page.waitForURL((url) => url.origin === this.origin);
    await this.reload();
  }

  /** Reads, or puts back, what the SDK keeps in local storage. */
  storage(content) {
    return this.page.evaluate((content) => {
      if (content) Object.entries(content).forEach(([key, value]) => localStorage.setItem(key, value));
      return { ...localStorage };
    }, content);
  }

  #construct() {
    return this.page.evaluate((settings) => {
      window.client = new window.auth0.Auth0Client(settings);
    }, this.settings);
  }
}
