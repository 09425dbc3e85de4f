// One connection, many requests: what is refused before its body arrived must not cost the client
// the connection, and with it the request it has sent behind.

import assert from "node:assert/strict";
import net from "node:net";
import { test } from "node:test";
import { pause, until } from "../lib/wait.mjs";
import { world } from "../lib/world.mjs";

const here = world();

const BODY = '{"enabled":true}';
/** Long enough for the server to have refused the head before the body is there. */
const LATE_MS = 200;

for (const [method, path] of [
  ["PUT", "/api/v2/guardian/factors/otp"],
  ["POST", "/me/v1/authentication-methods"],
  ["POST", "/nowhere"],
]) {
  test(`a body that comes late to ${method} ${path} is taken in`, async () => {
    const { port } = here.server;
    const socket = net.connect(port, "127.0.0.1");
    let received = "";
    socket.setEncoding("latin1").on("data", (text) => (received += text));
    const host = `Host: localhost:${port}\r\n`;
    const type = "Content-Type: application/json\r\n";
    socket.write(`${method} ${path} HTTP/1.1\r\n${host}${type}Content-Length: ${BODY.length}\r\n\r\n`);
    await pause(LATE_MS);
    socket.write(BODY);
    await until("the refusal", () => /^HTTP\/1\.1 40[14] /.test(received));
    socket.write(`GET /.well-known/jwks.json HTTP/1.1\r\n${host}\r\n`);
    await until("the next answer", () => received.includes("HTTP/1.1 200 OK"));
    socket.destroy();
    assert.equal(received.match(/HTTP\/1\.1 /g).length, 2, received);
  });
}
