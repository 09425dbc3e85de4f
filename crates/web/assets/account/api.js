/**
 * The My Account API, as far as the account page uses it.
 */

/** An answer other than success. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status; 0 when there was no answer
   * @param {import("./types.js").Problem} problem
   * @param {number} [retryAfter] seconds
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** A client holding one access token. */
export class AccountApi {
  #base;
  #token;
  #onUnauthorized;

  /**
   * @param {string} issuer with trailing slash
   * @param {string} token
   * @param {() => Promise<never>} onUnauthorized called when the token is no longer accepted
   */
  constructor(issuer, token, onUnauthorized) {
    this.#base = `${issuer}me/v1`;
    this.#token = token;
    this.#onUnauthorized = onUnauthorized;
  }

  /** @returns {Promise<import("./types.js").Factor[]>} */
  async factors() {
    return (await this.#call("GET", "/factors")).factors;
  }

  /** @returns {Promise<import("./types.js").Method[]>} */
  async methods() {
    return (await this.#call("GET", "/authentication-methods")).authentication_methods;
  }

  /**
   * @param {{ type: string, email?: string, phone_number?: string,
   *   preferred_authentication_method?: string, use_exclude_credentials?: boolean }} body
   * @returns {Promise<import("./types.js").Challenge>}
   */
  enroll(body) {
    return this.#call("POST", "/authentication-methods", body);
  }

  /**
   * @param {string} id
   * @param {{ auth_session: string, otp_code?: string, new_password?: string,
   *   authn_response?: object }} body
   * @returns {Promise<import("./types.js").Method>}
   */
  verify(id, body) {
    return this.#call("POST", `${methodPath(id)}/verify`, body);
  }

  /**
   * @param {string} id
   * @param {string} name
   * @returns {Promise<import("./types.js").Method>}
   */
  rename(id, name) {
    return this.#call("PATCH", methodPath(id), { name });
  }

  /**
   * What removing would come to; nothing changes. Fails as removing would.
   * @param {string} id
   * @returns {Promise<import("./types.js").Would>}
   */
  async wouldRemove(id) {
    return (await this.#call("DELETE", `${methodPath(id)}?dry_run=true`)).would;
  }

  /**
   * @param {string} id
   * @param {string} channel `sms` or `voice`
   * @returns {Promise<import("./types.js").Method>}
   */
  prefer(id, channel) {
    return this.#call("PATCH", methodPath(id), { preferred_authentication_method: channel });
  }

  /** @param {string} id */
  async remove(id) {
    await this.#call("DELETE", methodPath(id));
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async #call(method, path, body) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    if (body) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(this.#base + path, { method, headers, body: body && JSON.stringify(body) });
    } catch {
      throw new ApiError(0, { title: "No connection" });
    }
    if (response.status === 401) return this.#onUnauthorized();
    const content = response.status === 204 ? null : await response.json().catch(() => ({}));
    if (response.ok) return content;
    const retryAfter = Number(response.headers.get("Retry-After")) || undefined;
    throw new ApiError(response.status, content ?? {}, retryAfter);
  }
}

/** @param {string} id */
function methodPath(id) {
  return `/authentication-methods/${encodeURIComponent(id)}`;
}
