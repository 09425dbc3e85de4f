/**
 * A QR code as a picture.
 */

import { encodeQr } from "./qr.js";
import { svg } from "./svg.js";

/** Light modules a scanner needs around the code (ISO/IEC 18004 §6.3.8). */
const QUIET_ZONE = 4;

/**
 * @param {string} text
 * @param {string} label for those who do not see it
 * @returns {SVGSVGElement}
 */
export function qrSvg(text, label) {
  const modules = encodeQr(text);
  const size = modules.length + 2 * QUIET_ZONE;
  const cells = modules.flatMap((cells, row) =>
    cells.flatMap((dark, column) => (dark ? [`M${column + QUIET_ZONE} ${row + QUIET_ZONE}h1v1h-1z`] : [])),
  );
  // Dark on light in both colour schemes: many scanners do not read the inverse.
  return svg(
    "svg",
    { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label },
    svg("rect", { width: size, height: size, fill: "#ffffff" }),
    svg("path", { d: cells.join(""), fill: "#000000", "shape-rendering": "crispEdges" }),
  );
}
