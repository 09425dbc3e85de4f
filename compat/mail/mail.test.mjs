// Mail on its way: `housekey serve` and a real SMTP server, from "forgot your password?" to a new
// password.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { PageClient, answerPages, primaryForm } from "../lib/pages.mjs";
import { newPerson } from "../lib/person.mjs";
import { until } from "../lib/wait.mjs";
import { mailbox } from "./mailbox.mjs";
import { serve } from "./serve.mjs";

/** Asks for a new password the way a person does. */
async function forget(house, email) {
  const browser = new PageClient(house);
  const asked = await browser.submit(await browser.open(house.authorizeUrl()), { username: email });
  const link = asked.answer.text.match(/class="ulp-forgot-password-link"><a href="([^"]+)"/)[1];
  const page = await browser.open(link.replaceAll("&#x2f;", "/").replaceAll("&amp;", "&"));
  const [identifier] = primaryForm(page.answer.text).names.filter((name) => /^(email|username)$/.test(name));
  const sent = await browser.submit(page, { [identifier]: email });
  assert.equal(sent.answer.status, 200, sent.answer.text);
}

describe("a relay on this machine", () => {
  let post, house;
  before(async () => {
    post = await mailbox({ authOptional: true, disabledCommands: ["STARTTLS"] });
    house = await serve(`host = "localhost"\nport = ${post.port}\ntls = "none"\nfrom = "noreply@acme.example"`);
  });
  after(async () => {
    await house?.stop();
    await post?.close();
  });

  test("a password reset arrives as a proper mail, and its link sets the password", async () => {
    const person = newPerson("forgetful");
    await house.addUser(person.email);
    await forget(house, person.email);
    const mail = await post.mailTo(person.email);
    assert.equal(mail.from, "noreply@acme.example");
    assert.match(mail.headers.from, /<noreply@acme\.example>$/);
    assert.equal(mail.headers["auto-submitted"], "auto-generated");
    assert.match(mail.headers["message-id"], /^<[0-9a-f]{32}@acme\.example>$/);
    assert.ok(Math.abs(Date.parse(mail.headers.date) - Date.now()) < 60_000, mail.headers.date);
    assert.ok(mail.link.startsWith(house.issuer), mail.link);
    assert.match(mail.html, /Acme &amp; Söhne/);
    assert.ok(mail.html.replaceAll("&#x2f;", "/").replaceAll("&amp;", "&").includes(mail.link), mail.html);

    const browser = new PageClient(house);
    const form = await browser.open(mail.link);
    const done = await browser.submit(form, { "password-reset": person.password, "re-enter-password": person.password });
    assert.equal(done.answer.status, 200, done.answer.text);
    const signingIn = new PageClient(house);
    const start = await signingIn.open(house.authorizeUrl());
    const end = await answerPages(signingIn, start, { username: person.email, password: person.password });
    assert.ok(end.url.searchParams.get("code"), end.url.href);
    await until("word of the changed password", () => post.mails.filter((other) => other.to.includes(person.email)).length === 2);
  });

  test("nobody is written to who has no account", async () => {
    const [stranger, known] = [newPerson("stranger"), newPerson("known")];
    await house.addUser(known.email);
    await forget(house, stranger.email);
    await forget(house, known.email);
    await post.mailTo(known.email); // queued later, so the other one would be here by now
    assert.ok(!post.mails.some((mail) => mail.to.includes(stranger.email)));
  });
});

describe("a mail server that asks for TLS and a password", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "housekey-mail-tls-"));
  const [key, certificate] = [path.join(folder, "key.pem"), path.join(folder, "certificate.pem")];
  let post, house;
  before(async () => {
    selfSigned(key, certificate);
    post = await mailbox({
      key: readFileSync(key),
      cert: readFileSync(certificate),
      onAuth: ({ username, password }, _session, done) =>
        username === "housekey" && password === "s3cret" ? done(null, { user: username }) : done(new Error("no")),
    });
    house = await serve(`
      host = "localhost"
      port = ${post.port}
      ca_certificate = ${JSON.stringify(certificate)}
      username = "housekey"
      password = "s3cret"
      from = "noreply@acme.example"`);
  });
  after(async () => {
    await house?.stop();
    await post?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("gets both before it gets a mail", async () => {
    const person = newPerson("careful");
    await house.addUser(person.email);
    await forget(house, person.email);
    const mail = await post.mailTo(person.email);
    assert.equal(mail.secure, true);
    assert.equal(mail.user, "housekey");
  });

  test("is tried by the doctor, who writes only if asked to", async () => {
    const before = post.mails.length;
    const silent = await house.doctor();
    assert.deepEqual([silent.ok, silent.code], [true, 0]);
    assert.deepEqual(silent.of("mail").map(({ state }) => state), ["ok"]);
    assert.deepEqual(silent.of(`domain ${new URL(house.issuer).host}`).map(({ state }) => state), ["ok"]);
    assert.equal(post.mails.length, before);
    const { email } = newPerson("operator");
    const asked = await house.doctor(["--mail-to", email]);
    assert.deepEqual(asked.of("mail").map(({ state }) => state), ["ok", "ok"]);
    assert.match((await post.mailTo(email)).text, /housekey doctor/);
  });

  test("refuses the doctor a wrong password and an unknown authority", async () => {
    const wrong = await house.doctor([], { HOUSEKEY_MAIL__PASSWORD: "wrong" });
    assert.deepEqual([wrong.ok, wrong.code], [false, 1]);
    const [{ state, message }] = wrong.of("mail");
    assert.equal(state, "problem");
    assert.match(message, /answered 535/);
    const other = path.join(folder, "other.pem");
    selfSigned(path.join(folder, "other-key.pem"), other);
    const untrusted = await house.doctor([], { HOUSEKEY_MAIL__CA_CERTIFICATE: other });
    assert.match(untrusted.of("mail")[0].message, /certificate|TLS/i);
  });
});

describe("a mail server that refuses", () => {
  let post, house;
  before(async () => {
    post = await mailbox({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onRcptTo({ address }, _session, done) {
        const refusal = new Error(`no such mailbox: ${address}`);
        refusal.responseCode = 550;
        done(refusal);
      },
    });
    house = await serve(`host = "localhost"\nport = ${post.port}\ntls = "none"\nfrom = "noreply@acme.example"`);
  });
  after(async () => {
    await house?.stop();
    await post?.close();
  });

  test("leaves a line in the log that names neither the address nor the link", async () => {
    const person = newPerson("unreachable");
    await house.addUser(person.email);
    await forget(house, person.email);
    const line = await until("the refusal in the log", () => house.log.split("\n").find((text) => text.includes("not delivered")));
    assert.match(line, /answered 550/);
    assert.ok(!house.log.includes(person.email) && !house.log.includes("ticket="), house.log);
  });
});

describe("a mail server that does not offer the TLS it should", () => {
  let post, house;
  before(async () => {
    post = await mailbox({ authOptional: true, disabledCommands: ["STARTTLS"] });
    house = await serve(`host = "localhost"\nport = ${post.port}\nfrom = "noreply@acme.example"`);
  });
  after(async () => {
    await house?.stop();
    await post?.close();
  });

  test("gets no mail", async () => {
    const person = newPerson("cautious");
    await house.addUser(person.email);
    await forget(house, person.email);
    await until("the refusal in the log", () => house.log.includes("not delivered"));
    assert.deepEqual(post.mails, []);
  });
});

/** A certificate for `localhost`; OpenSSL comes with the packages that the tests install. */
function selfSigned(key, certificate) {
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const extensions = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
  execFileSync(
    "openssl",
    ["req", "-x509", ...curve, "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", ...extensions],
    { stdio: "pipe" },
  );
}
