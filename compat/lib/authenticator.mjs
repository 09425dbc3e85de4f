// Chromium's virtual authenticators, driven over the DevTools protocol.

/** What a device with a fingerprint reader has built in. */
const PLATFORM = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};

/** An authenticator that pages of one tab see. */
export class Authenticator {
  #session;
  #id;

  /**
   * Plugs an authenticator in; one that is part of the device unless `options` say otherwise.
   *
   * @param {import("playwright-core").Page} page
   */
  static async plugIn(page, options = {}) {
    const authenticator = new Authenticator();
    authenticator.#session = await page.context().newCDPSession(page);
    await authenticator.#session.send("WebAuthn.enable");
    const all = { ...PLATFORM, ...options };
    const { authenticatorId } = await authenticator.#session.send("WebAuthn.addVirtualAuthenticator", {
      options: all,
    });
    authenticator.#id = authenticatorId;
    return authenticator;
  }

  /** What it keeps. */
  async credentials() {
    const { credentials } = await this.#send("WebAuthn.getCredentials");
    return credentials;
  }

  /** Puts a copy of a credential in, as whoever cloned an authenticator would. */
  async add(credential) {
    await this.#send("WebAuthn.addCredential", { credential });
  }

  /** Forgets everything. */
  async clear() {
    await this.#send("WebAuthn.clearCredentials");
  }

  /** Whether its owner's finger is recognized. */
  async verifiesUser(isUserVerified) {
    await this.#send("WebAuthn.setUserVerified", { isUserVerified });
  }

  /** Empties it; gives what fills it again. */
  async takeOut() {
    const kept = await this.credentials();
    await this.clear();
    return () => Promise.all(kept.map((credential) => this.add(credential)));
  }

  /** Takes it away. */
  async unplug() {
    await this.#send("WebAuthn.removeVirtualAuthenticator");
  }

  #send(method, parameters = {}) {
    return this.#session.send(method, { authenticatorId: this.#id, ...parameters });
  }
}
