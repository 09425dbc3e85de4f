"""A throw-away server in dev mode, and people who sign in to it without a browser."""

import base64
import hashlib
import html
import json
import os
import re
import secrets
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

ROOT = Path(__file__).parents[2]
BINARY = os.environ.get("HOUSEKEY_BIN", str(ROOT / "target/release/housekey"))
CALLBACK = "http://localhost:3000"
CONNECTION = "Username-Password-Authentication"
PASSWORD = "Correct-Horse-7-Battery"
START_LIMIT = 60
STOP_LIMIT = 15
MAX_PAGES = 10


class Server:
    """Started with HTTPS, a directory of its own and no rate limits."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="housekey-compat-")
        folder = Path(self._folder.name)
        flags = ["--tls", "--no-rate-limits", "--listen", "127.0.0.1:0", "--data", str(folder)]
        self._log = open(folder / "log", "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [BINARY, "dev", *flags], cwd=folder, stdout=self._log, stderr=self._log
        )
        self.info = self._started(folder / "dev.json")
        self.ca = str(folder / "ca.pem")
        # httpx, which the SDK speaks through, trusts the authority that this names.
        os.environ["SSL_CERT_FILE"] = self.ca

    def _started(self, description):
        limit = time.monotonic() + START_LIMIT
        while not description.exists():
            if self._process.poll() is not None or time.monotonic() > limit:
                self._process.kill()
                raise RuntimeError(f"housekey dev did not start:\n{self.log}")
            time.sleep(0.05)
        return json.loads(description.read_text())

    @property
    def log(self):
        self._log.seek(0)
        return self._log.read()

    def stop(self):
        """Ends it, and fails if it does not end or if it ever panicked."""
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        log = self.log
        self._log.close()
        self._folder.cleanup()
        assert "panicked at" not in log, log

    def management_token(self):
        """A token for everything, by client credentials."""
        return self._token(
            "management",
            grant_type="client_credentials",
            audience=self.info["management_audience"],
        )["access_token"]

    def sign_in(self, user, client="spa", scope="openid offline_access", **extra):
        """Signs somebody in on the pages, in a new browser; gives the tokens."""
        verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "client_id": self.info["clients"][client]["client_id"],
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": scope,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "state": "s",
            **extra,
        }
        answers = {"username": user["email"], "password": user["password"]}
        code = _code_through_pages(self.info["issuer"] + "authorize", asked, answers)
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return self._token(client, code_verifier=verifier, **grant)

    def _token(self, client, **fields):
        answer = httpx.post(
            self.info["issuer"] + "oauth/token", data={**self.info["clients"][client], **fields}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


def _code_through_pages(url, asked, answers):
    """Fills in page after page until one leads to the callback with a code."""
    with httpx.Client() as browser:
        page = browser.get(url, params=asked)
        for _ in range(MAX_PAGES):
            if not page.is_redirect:
                page = _submitted(browser, page, answers)
                continue
            target = urljoin(str(page.url), page.headers["location"])
            if target.startswith(CALLBACK):
                return parse_qs(urlsplit(target).query)["code"][0]
            page = browser.get(target)
    raise RuntimeError(f"still at {page.url}: {page.text}")


def _submitted(browser, page, answers):
    form = re.search(r'<form\b[^>]*data-form-primary="true"[^>]*>.*?</form>', page.text, re.S)
    assert form, f"no primary form at {page.url}: {page.text}"
    inputs = [_attributes(tag) for tag in re.findall(r"<input\b[^>]*>", form[0])]
    hidden = {one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden"}
    asked = {one["name"]: answers[one["name"]] for one in inputs if one.get("name") in answers}
    target = _attributes(re.match(r"<form\b[^>]*>", form[0])[0]).get("action", "")
    action = "accept" if 'value="accept"' in form[0] else "default"
    fields = {**hidden, "action": action, **asked}
    return browser.post(urljoin(str(page.url), target), data=fields)


def _attributes(tag):
    return {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
