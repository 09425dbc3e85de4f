/**
 * Building the page. Text only ever becomes text nodes and attributes, never markup.
 */

/**
 * An element with attributes, listeners (`onclick: f`) and children. `false`, `null` and
 * `undefined` children and attributes are left out; `true` is an attribute without value.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | false | null | undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * Tells screen readers something that sighted people see happen.
 * @param {string} text
 */
export function announce(text) {
  const region = document.getElementById("announcer");
  // An unchanged text is not read again, so it is emptied first.
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50);
}

let lastId = 0;

/**
 * An id no other element has.
 * @param {string} stem
 */
export function uniqueId(stem) {
  lastId += 1;
  return `${stem}-${lastId}`;
}
