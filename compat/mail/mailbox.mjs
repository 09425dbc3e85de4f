// A real SMTP server that keeps what it is sent.

import { SMTPServer } from "smtp-server";
import { until } from "../lib/wait.mjs";

/**
 * Starts one on a free loopback port.
 *
 * @param {ConstructorParameters<typeof SMTPServer>[0]} options
 */
export async function mailbox(options) {
  const mails = [];
  const server = new SMTPServer({
    onData(stream, session, done) {
      const chunks = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push(new Mail(Buffer.concat(chunks).toString("utf8"), session));
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {}); // a client that hangs up is no failure of the server
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    mails,
    port: server.server.address().port,
    /** Waits for a mail to `address`. */
    mailTo: (address) => until(`a mail to ${address}`, () => mails.find((mail) => mail.to.includes(address))),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A received mail: its envelope, headers and parts. */
class Mail {
  constructor(source, session) {
    this.from = session.envelope.mailFrom.address;
    this.to = session.envelope.rcptTo.map((recipient) => recipient.address);
    this.secure = session.secure;
    this.user = session.user;
    const { headers, body } = entity(source);
    this.headers = headers;
    const boundary = headers["content-type"].match(/boundary="([^"]+)"/)[1];
    const parts = body.split(`--${boundary}`).slice(1, -1).map((part) => entity(part.trimStart()));
    this.text = decoded(parts.find((part) => part.headers["content-type"].startsWith("text/plain")));
    this.html = decoded(parts.find((part) => part.headers["content-type"].startsWith("text/html")));
  }

  /** The first address of a page in the text. */
  get link() {
    return this.text.match(/https?:\/\/\S+/)?.[0];
  }
}

/** Headers, unfolded and by lower-case name, and the rest. */
function entity(source) {
  const end = source.indexOf("\r\n\r\n");
  const lines = source.slice(0, end).replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
  return { headers: Object.fromEntries(headers), body: source.slice(end + 4) };
}

function decoded({ headers, body }) {
  const encoding = headers["content-transfer-encoding"];
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
