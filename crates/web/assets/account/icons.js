/**
 * Small pictures of where a passkey is kept. They repeat what stands beside them.
 */

import { svg } from "./svg.js";

/** Outlines on a grid of 24 by 24. */
const OUTLINES = {
  cloud: "M7 18h10a4 4 0 0 0 .6-7.95A6 6 0 0 0 6.1 9.5 4.3 4.3 0 0 0 7 18z",
  device: "M5 5h14v9H5zM2.5 18.5h19",
  key: "M14.5 9.5a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM13.4 12.3 20 19m-2.6-2.6 2-2",
};

/**
 * @param {import("./types.js").Method} method a passkey
 * @returns {SVGElement}
 */
export function passkeyIcon({ transports = [], credential_device_type }) {
  const carried = transports.some((one) => one === "usb" || one === "nfc" || one === "ble");
  const kind = carried ? "key" : credential_device_type === "multi_device" ? "cloud" : "device";
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", "data-icon": kind },
    svg("path", { d: OUTLINES[kind] }),
  );
}
