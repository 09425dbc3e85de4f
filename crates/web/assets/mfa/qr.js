/**
 * The page that enrols an authenticator app: draws the QR code. Without it there is the key.
 */

import { qrSvg } from "../account/qr-svg.js";

const uri = JSON.parse(document.getElementById("barcode-uri").textContent);
document.getElementById("qr-code").append(qrSvg(uri, "QR code for your authenticator app"));
/** @type {HTMLDetailsElement} */
const manual = document.querySelector("details.manual");
manual.open = false;
