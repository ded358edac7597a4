"""The npm package `oidc-provider`: an OpenID provider that was not written with us in mind."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.support.services.node import FOLDER

CLIENT_ID, CLIENT_SECRET = "client-of-greffier", "secret of greffier/with+signs%"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


class OidcProvider:
    """A running provider, which requires PKCE and rotates refresh tokens. Any login is a person, and its own
    verified address."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def configure(
        self,
        redirect_uri: str,
        *,
        algorithm: str = "RS256",
        keys: Sequence[str] = ALGORITHMS,
        encrypted: bool = False,
    ) -> str:
        """Go on with this client; returns the issuer.

        Args:
            algorithm: of ID tokens.
            keys: names of those that it publishes, which begin with their algorithms.
            encrypted: ID tokens are encrypted to a key whose other half is not kept.
        """
        assert self._process.stdin
        assert self._process.stdout
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uris": [redirect_uri]}
        published = [{"kid": name, "algorithm": name.partition("-")[0]} for name in keys]
        asked = {"client": client, "algorithm": algorithm, "keys": published, "encrypted": encrypted}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        self.issuer: str = json.loads(self._process.stdout.readline())["issuer"]
        return self.issuer


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    with subprocess.Popen(
        ["node", str(FOLDER / "oidc_provider.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it warns of its own development pages
        text=True,
        cwd=FOLDER,
    ) as process:
        yield OidcProvider(process)
        assert process.stdin
        process.stdin.close()


def social(issuer: str, **changes: Any) -> dict[str, Any]:
    """An entry of the settings."""
    return {
        "provider": "custom_intranet",
        "name": "Intranet",
        "enabled": True,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "discovery_url": f"{issuer}/.well-known/openid-configuration",
        **changes,
    }


class Person:
    """A person at the provider's pages, with the cookies of one browser."""

    def __init__(self, login: str) -> None:
        self.login = login
        self.pages: list[str] = []
        """The pages that they were shown since the last answer."""
        self._http = httpx.Client()

    def answer(self, url: str, *, consents: bool = True) -> str:
        """Returns the URL to which the provider sends the browser back."""
        self.pages = []
        response = self._http.get(url)
        while True:
            assert response.has_redirect_location, response.text
            url = urljoin(str(response.url), response.headers["location"])
            response = self._http.get(url) if url.startswith(_base(response)) else response
            if not url.startswith(_base(response)):
                return url
            if not response.has_redirect_location:
                response = self._fill_in(response, consents=consents)

    def _fill_in(self, page: httpx.Response, *, consents: bool) -> httpx.Response:
        self.pages.append(page.text)
        if 'name="login"' in page.text:
            form = {"prompt": "login", "login": self.login, "password": "any"}
            return self._http.post(page.url, data=form)
        assert 'value="consent"' in page.text, page.text
        if not consents:
            return self._http.get(f"{page.url}/abort")
        return self._http.post(page.url, data={"prompt": "consent"})


def _base(response: httpx.Response) -> str:
    return str(response.url.join("/"))


def settings_of(issuer: str, **changes: Any) -> str:
    """The entry as TOML."""
    members = (f"{name} = {json.dumps(value)}" for name, value in social(issuer, **changes).items())
    return "\n".join(("[[social]]", *members))
