/**
 * Dates as a person reads them.
 */

/**
 * "3 March 2026", in the page's language and the person's time zone.
 * @param {string} timestamp RFC 3339
 */
export function date(timestamp) {
  const language = document.documentElement.lang || undefined;
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(new Date(timestamp));
}
