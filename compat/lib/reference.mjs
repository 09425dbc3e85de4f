// The published My Account description, and the check of an answer against it.
//
// The file is not ours to ship: it is used when it can be found, and its absence is said aloud.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const DEFAULT_PATH = fileURLToPath(
  new URL("../../../shared/reference/myaccount-api-oas.json", import.meta.url),
);
const ID = "reference";
const BASE = /^\/me(\/v1)?(?=\/)/;

/** Path of the description, or undefined. */
export function referencePath() {
  const path = process.env.HOUSEKEY_REFERENCE_OAS ?? DEFAULT_PATH;
  return existsSync(path) ? path : undefined;
}

/** A description that can judge answers. */
export class Reference {
  constructor(path) {
    this.document = JSON.parse(readFileSync(path, "utf8"));
    // OpenAPI's own keywords (discriminator, example) are no JSON Schema; they are passed over.
    this.ajv = addFormats.default(new Ajv2020.default({ strict: false, allErrors: true }));
    this.ajv.addSchema(this.document, ID);
    this.paths = Object.keys(this.document.paths).map((template) => ({
      template,
      pattern: new RegExp(`^${template.replace(/\{[^}]+\}/g, "[^/]+")}$`),
    }));
  }

  /** What is wrong with an answer: a list of complaints, empty when it conforms. */
  complaints(method, pathname, answer) {
    if (answer.status >= 400) return this.#errorComplaints(answer);
    const entry = this.paths.find(({ pattern }) => pattern.test(pathname.replace(BASE, "")));
    const operation = entry && this.document.paths[entry.template][method.toLowerCase()];
    const response = operation?.responses[answer.status];
    if (!response) return [`${method} ${pathname} is not described as answering ${answer.status}`];
    if (!response.content) return answer.body.length ? [`a body on ${answer.status}`] : [];
    const schema = [
      "paths",
      entry.template,
      method.toLowerCase(),
      "responses",
      String(answer.status),
      "content",
    ];
    return this.#judge([...schema, "application/json", "schema"], answer, answer.json);
  }

  #errorComplaints(answer) {
    // `error` is the one member beyond the description: a key account screens look texts up by.
    const { error, ...body } = answer.json;
    const complaints = this.#judge(["components", "schemas", "ErrorResponse"], answer, body);
    return body.status === answer.status
      ? complaints
      : [...complaints, `status ${body.status} inside ${answer.status}`];
  }

  #judge(pointer, answer, body) {
    const mediaType = answer.headers["content-type"] ?? "none";
    const complaints = /^application\/json\b/.test(mediaType) ? [] : [`content type ${mediaType}`];
    const escaped = pointer.map((part) => encodeURIComponent(part.replace(/~/g, "~0").replace(/\//g, "~1")));
    const validate = this.ajv.getSchema(`${ID}#/${escaped.join("/")}`);
    if (validate(body)) return complaints;
    return [
      ...complaints,
      ...validate.errors.map((error) => `${error.instancePath || "body"} ${error.message}`),
    ];
  }
}
