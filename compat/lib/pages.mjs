// A browser without scripts or styles: follows redirects, keeps cookies, fills the page's form.
//
// Enough to sign in hundreds of times without Chromium, and proof that the pages are plain forms.

import { form, request } from "./http.mjs";

const MAX_REDIRECTS = 10;
const MAX_STEPS = 5;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

export class PageClient {
  /** @param {{ info: { issuer: string }, ca?: string }} server the only host this browser visits */
  constructor(server) {
    this.origin = new URL(server.info.issuer).origin;
    this.ca = server.ca;
    this.cookies = new Map();
  }

  /** Opens an address; redirects are followed until a page, or an address of another origin. */
  async open(target, options = {}) {
    let url = new URL(target, this.origin);
    let next = options;
    for (let hops = 0; hops < MAX_REDIRECTS; hops += 1) {
      const answer = await this.#send(url, next);
      if (answer.status < 300 || answer.status > 399) return { url, answer };
      url = new URL(answer.headers.location, url);
      if (url.origin !== this.origin) return { url, answer };
      next = {}; // 302 and 303 turn every request into a plain GET
    }
    throw new Error(`more than ${MAX_REDIRECTS} redirects, last to ${url}`);
  }

  /** Submits the page's primary form: its hidden fields, its main button, and `fields`. */
  submit(page, fields) {
    const inputs = primaryForm(page.answer.text);
    const body = form({ ...inputs.hidden, action: "default", ...fields });
    return this.open(new URL(inputs.action ?? page.url, page.url), { method: "POST", ...body });
  }

  async #send(url, { headers = {}, ...options }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await request(url, {
      ca: this.ca,
      ...options,
      headers: { accept: "text/html", ...(cookie && { cookie }), ...headers },
    });
    answer.setCookies.forEach((line) => this.#store(line));
    return answer;
  }

  #store(line) {
    const [pair, ...attributes] = line.split(/;\s*/);
    const name = pair.slice(0, pair.indexOf("="));
    const expired = attributes.some((text) => /^max-age=(0|-\d+)$/i.test(text));
    if (expired) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(name.length + 1));
  }
}

/**
 * Answers page after page with what `values` has for the fields each one asks for, until the
 * browser is sent to another origin: how a person fills in a login of one page or of three.
 */
export async function answerPages(browser, first, values) {
  let page = first;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (page.url.origin !== browser.origin) return page;
    if (page.answer.status !== 200)
      throw new Error(`${page.url.pathname}: ${page.answer.status} ${page.answer.text}`);
    const asked = primaryForm(page.answer.text).names.filter((name) => name in values);
    page = await browser.submit(page, Object.fromEntries(asked.map((name) => [name, values[name]])));
  }
  throw new Error(`still at ${page.url} after ${MAX_STEPS} pages`);
}

/** Target, hidden fields and names of all fields of the form that people's tests know as the primary one. */
export function primaryForm(html) {
  const found = html.match(/<form\b[^>]*data-form-primary="true"[^>]*>([\s\S]*?)<\/form>/i);
  if (!found) throw new Error(`no primary form in: ${html.slice(0, 400)}`);
  const inputs = [...found[1].matchAll(/<input\b[^>]*>/gi)].map(([tag]) => attributes(tag));
  const hidden = inputs.filter((input) => input.type === "hidden" && input.name);
  return {
    names: inputs.map((input) => input.name),
    action: attributes(found[0].slice(0, found[0].indexOf(">") + 1)).action,
    hidden: Object.fromEntries(hidden.map((input) => [input.name, input.value ?? ""])),
  };
}

function attributes(tag) {
  const pairs = tag.matchAll(/([\w-]+)\s*=\s*"([^"]*)"/g);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name.toLowerCase(), unescape(value)]));
}

function unescape(text) {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}
