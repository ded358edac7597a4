"""Requests of all kinds, as rows that the official SDK and ours can both authenticate.

Each row is put together by chance, from a number that makes it repeatable: cookies of both families, tokens
of all kinds, headers, options, and what the Backend API answers. Left out is what the two are meant to answer
differently: see docs/decisions/2026-11-23-stricter-sdk.md.
"""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.sdk.instances import NOW, Instance, production, signing_key

_OTHER_HOST = "other.clerk.accounts.dev"
_EXPIRED: dict[str, Any] = {"iat": NOW - 100, "nbf": NOW - 110, "exp": NOW - 40}
_ORGANIZATION = {"id": "org_2", "rol": "member", "slg": "beta", "per": "read,write", "fpm": "3"}

#: Claims and header members that make a token what it is.
_KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "newer": ({"iat": NOW - 1, "nbf": NOW - 11}, {}),
    "older": ({"iat": NOW - 50, "nbf": NOW - 60, "exp": NOW + 10}, {}),
    "expired": (_EXPIRED, {}),
    "expired without a session": ({**_EXPIRED, "sid": None}, {}),
    "just within the skew": ({"iat": NOW - 63, "nbf": NOW - 63, "exp": NOW - 3}, {}),
    "just beyond the skew": ({"iat": NOW - 65, "nbf": NOW - 65, "exp": NOW - 5}, {}),
    "not active yet": ({"nbf": NOW + 30}, {}),
    "almost active": ({"nbf": NOW + 5}, {}),
    "from the future": ({"iat": NOW + 30, "nbf": NOW - 5, "exp": NOW + 90}, {}),
    "no party": ({"azp": None}, {}),
    "another party": ({"azp": "https://elsewhere.example"}, {}),
    "audience": ({"aud": "api"}, {}),
    "two audiences": ({"aud": ["x", "reports"]}, {}),
    "organization 1": (
        {"org_id": "org_1", "org_role": "org:admin", "org_slug": "acme", "org_permissions": ["org:a:read"]},
        {},
    ),
    "organization 2": ({"v": 2, "fea": "o:a,u:b", "o": _ORGANIZATION}, {}),
    "pending": ({"v": 2, "sts": "pending"}, {}),
    "actor": ({"act": {"sub": "user_9"}}, {}),
    "factor ages": ({"fva": [5, -1]}, {}),
    "session category": ({}, {"cat": "cl_B7d4PD111AAA"}),
    "ignored category": ({}, {"cat": "cl_I7d4PD111III"}),
    "no subject": ({"sub": None}, {}),
    "no expiry": ({"exp": None}, {}),
    "no time of issue": ({"iat": None}, {}),
    "no key id": ({}, {"kid": None}),
    "unknown key id": ({}, {"kid": "ins_unknown"}),
    "another algorithm": ({}, {"alg": "HS256"}),
    "another type": ({}, {"typ": "other"}),
    "no type": ({}, {"typ": None}),
}
#: Of machines; these are told from sessions where both are accepted.
_MACHINE_KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "m2m": ({"sub": "mch_1", "sid": None, "jti": "mt_1", "scopes": "mch_2 mch_3"}, {}),
    "oauth": ({"sid": None, "jti": "oat_1", "client_id": "c", "scope": "a b"}, {"typ": "at+jwt"}),
}
_TEXTS = ("a.b.c", "garbage", "a.b", "", "ak_secret", "mt_secret", "oat_secret")
_REFERRERS = (
    "https://example.com/a",
    "http://localhost:3000/",
    "https://other.example.org/x",
    "https://accounts.example.com/sign-in",
    "https://amber-ant-10.accounts.dev/sign-in",
    "https://clerk.example.com/v1",
    "https://sub.example.com/",
    "no URL",
)
_URLS = (
    "http://localhost:3000/path",
    "https://example.com/",
    "https://example.com/me",
    "https://example.com/orgs/acme/x",
    "https://app.example.com/orgs/org_1",
    "http://localhost:3000/orgs/beta",
)
_MACHINE_ANSWERS = {
    "POST /v1/api_keys/verify": {
        "id": "ak_1",
        "type": "api_key",
        "name": "k",
        "subject": "user_1",
        "scopes": ["a"],
        "claims": {"x": 1},
    },
    "POST /v1/m2m_tokens/verify": {"id": "mt_1", "subject": "mch_1", "scopes": ["mch_2"], "claims": None},
    "POST /v1/oauth_applications/access_tokens/verify": {
        "id": "oat_1",
        "type": "oauth_token",
        "client_id": "c1",
        "subject": "user_1",
        "scopes": ["s"],
    },
}


class Rows:
    """Rows from one number."""

    def __init__(self, number: int) -> None:
        self._chance = random.Random(number)
        self._instances = {
            "dev": Instance("amber-ant-10.clerk.accounts.dev", live=False),
            "prod": production(),
        }
        self._tokens: dict[tuple[str, str], str] = {}

    def row(self) -> dict[str, Any]:
        """One request with its options and the answers of the Backend API."""
        name = self._chance.choice(("dev", "prod"))
        instance = self._instances[name]
        headers = self._headers(instance)
        cookies = self._cookies(instance, name)
        if cookies:
            headers["cookie"] = "; ".join(f"{key}={value}" for key, value in cookies)
        url = self._url(instance)
        if self._sometimes(0.6):
            headers["host"] = urlsplit(url).netloc
        return {
            "now": NOW,
            "request": {
                "method": self._weighted({"GET": 8, "POST": 2, "HEAD": 0.5}),
                "url": url,
                "headers": headers,
            },
            "options": self._options(name),
            "backend": self._backend(instance),
            "client": {
                "publishableKey": instance.publishable_key,
                "secretKey": instance.secret_key,
                "apiUrl": "https://api.example",
            },
        }

    def _sometimes(self, probability: float) -> bool:
        return self._chance.random() < probability

    def _weighted(self, weights: dict[Any, float]) -> Any:
        return self._chance.choices(list(weights), list(weights.values()))[0]

    def _token(self, instance: Instance, kind: str | None = None) -> str:
        """A token of this kind; by chance a common one, a rare one, or something that is none."""
        if kind is None:
            group = self._weighted(
                {"active": 5, "older": 1, "expired": 2, "rare": 7, "text": 1, "wrong key": 0.4}
            )
            if group == "text":
                return self._chance.choice(_TEXTS)
            kind = self._chance.choice([*_KINDS, *_MACHINE_KINDS]) if group == "rare" else group
        known = (instance.host, kind)
        if known not in self._tokens:
            self._tokens[known] = _signed(instance, kind)
        return self._tokens[known]

    def _cookies(self, instance: Instance, name: str) -> list[tuple[str, str]]:
        cookies: dict[str, str] = {}
        suffix = instance.suffix
        if name == "dev" and self._sometimes(0.85):
            cookies[self._weighted({"__clerk_db_jwt": 3, f"__clerk_db_jwt_{suffix}": 1})] = "dvb_1"
        self._add_families(cookies, instance)
        if self._sometimes(0.3):
            cookies[f"__refresh_{suffix}"] = "refresh_1"
        if self._sometimes(0.05):
            cookies["__refresh"] = "refresh_2"
        if self._sometimes(0.12):
            cookies["__clerk_redirect_count"] = self._weighted({"1": 2, "2": 1, "3": 2, "x": 0.3})
        if self._sometimes(0.05):
            cookies["__clerk_handshake"] = self._handshake(instance)
        if self._sometimes(0.04):
            cookies["__clerk_handshake_nonce"] = self._nonce()
        pairs = list(cookies.items())
        self._chance.shuffle(pairs)
        return pairs

    def _add_families(self, cookies: dict[str, str], instance: Instance) -> None:
        """The session and uat cookies: plain ones, suffixed ones, both alike, or both but different."""
        suffix, family = instance.suffix, self._chance.choice(("none", "plain", "suffixed", "twins", "mixed"))
        session, uat = self._token(instance), self._uat()
        if family in ("plain", "twins", "mixed"):
            plain = {"__session": session, "__client_uat": uat}
            if family == "mixed" and self._sometimes(0.2):
                plain["__session"] = self._token(instance, "of another instance")
            cookies.update((one, value) for one, value in plain.items() if self._sometimes(0.85))
        if family == "twins":
            for one in ("__session", "__client_uat"):
                if one in cookies:
                    cookies[f"{one}_{suffix}"] = cookies[one]
        if family in ("suffixed", "mixed"):
            suffixed = {f"__session_{suffix}": self._token(instance), f"__client_uat_{suffix}": self._uat()}
            cookies.update((one, value) for one, value in suffixed.items() if self._sometimes(0.85))

    def _uat(self) -> str:
        common = {str(NOW - 5): 5, str(NOW - 60): 3, str(NOW - 3): 1, "0": 2}
        return self._weighted({**common, "": 1, "abc": 0.5, "12x": 0.3, str(NOW + 10): 0.5})

    def _handshake(self, instance: Instance) -> str:
        kind = self._weighted(
            {"active": 4, "signed out": 2, "expired": 2, "not active yet": 1, "garbage": 1, "wrong key": 1}
        )
        if kind == "garbage":
            return kind
        directives = ["__client_uat=0; Path=/", "__session=; Path=/; Max-Age=0"]
        if kind != "signed out":
            directives = self._signed_in_directives(instance, "active" if kind == "wrong key" else kind)
        signer = _with_wrong_key(instance) if kind == "wrong key" else instance
        return signer.sign({"handshake": directives})

    def _signed_in_directives(self, instance: Instance, kind: str) -> list[str]:
        token = self._token(instance, kind)
        names = ("__session", f"__session_{instance.suffix}")
        return [*(f"{name}={token}; Path=/" for name in names), f"__client_uat={NOW - 5}; Path=/"]

    def _nonce(self) -> str:
        return self._weighted({"known": 2, "unknown": 1, "broken": 1, "signed-out": 1, "": 0.3})

    def _url(self, instance: Instance) -> str:
        parameters = {
            "__clerk_handshake": (0.05, lambda: self._handshake(instance)),
            "__clerk_handshake_nonce": (0.04, self._nonce),
            "__clerk_db_jwt": (0.06, lambda: self._weighted({"dvb_2": 3, "": 1})),
            "__dev_session": (0.03, lambda: "x"),
            "__clerk_help": (0.03, lambda: "x"),
            "__clerk_synced": (0.12, lambda: self._chance.choice(("true", "false", "x"))),
            "__clerk_redirect_url": (0.08, lambda: "https://satellite.example/a?b=1"),
            "q": (0.3, lambda: "1"),
        }
        chosen = [(key, make()) for key, (often, make) in parameters.items() if self._sometimes(often)]
        if instance.secret_key.startswith("sk_live_"):  # ours takes a handshake from cookies only there
            chosen = [(key, value) for key, value in chosen if not key.startswith("__clerk_handshake")]
        self._chance.shuffle(chosen)
        return self._chance.choice(_URLS) + (f"?{urlencode(chosen)}" if chosen else "")

    def _headers(self, instance: Instance) -> dict[str, str]:
        headers = {
            "sec-fetch-dest": self._weighted({"document": 6, "iframe": 1, "empty": 2, None: 3}),
            "accept": self._weighted(
                {"text/html": 4, "text/html,*/*": 2, "*/*": 2, "application/json": 1, None: 1}
            ),
            "referer": self._chance.choice(_REFERRERS) if self._sometimes(0.25) else None,
            "x-forwarded-host": self._weighted(
                {"example.com": 1, "proxy.example.com, b.example": 1, "example.com:8443": 1, None: 20}
            ),
            "x-forwarded-proto": self._weighted({"https": 1, "http": 1, "https, http": 1, None: 20}),
            "x-forwarded-port": "8443" if self._sometimes(0.05) else None,
            "origin": "https://example.com" if self._sometimes(0.1) else None,
        }
        if self._sometimes(0.25):
            token = self._token(instance)
            schemes = {f"Bearer {token}": 6, token: 2, f"bearer {token}": 0.5, f"Basic {token}": 0.5}
            headers["authorization"] = self._weighted({**schemes, "Bearer": 0.2, f"Bearer {token} x": 0.2})
        return {name: value for name, value in headers.items() if value is not None}

    def _options(self, name: str) -> dict[str, Any]:
        options: dict[str, Any] = {}
        if self._sometimes(0.15):
            parties = (
                ["https://example.com"],
                ["https://else.example", "https://example.com"],
                ["https://no.example"],
            )
            options["authorizedParties"] = self._chance.choice(parties)
        if self._sometimes(0.25):
            options["acceptsToken"] = self._chance.choice(
                ("session_token", "any", "api_key", "m2m_token", "oauth_token", ["session_token", "api_key"])
            )
        elif self._sometimes(0.1):  # of OAuth tokens we ask for it where it is configured
            options["audience"] = self._chance.choice(("api", ["api", "reports"], ["other"]))
        if self._sometimes(0.2):
            options |= {"isSatellite": True, "domain": "satellite.example"}
            if name == "dev" or self._sometimes(0.3):
                options["signInUrl"] = "https://primary.example/sign-in"
            if self._sometimes(0.5):
                options["satelliteAutoSync"] = self._sometimes(0.5)
        elif self._sometimes(0.1):
            options["proxyUrl"] = "https://example.com/__clerk"
        if self._sometimes(0.2):
            options["organizationSyncOptions"] = {
                "organizationPatterns": self._chance.choice(
                    (["/orgs/:slug", "/orgs/:slug/(.*)"], ["/orgs/:id", "/orgs/:id/(.*)"])
                ),
                "personalAccountPatterns": ["/me", "/me/(.*)"],
            }
        return options

    def _backend(self, instance: Instance) -> dict[str, Any]:
        nonce = "GET /v1/clients/handshake_payload?nonce="
        signed_in = self._signed_in_directives(instance, "active")
        answers = {
            "GET /v1/jwks": _ok({"keys": [instance.jwk]}),
            f"{nonce}known": _ok({"directives": signed_in}),
            f"{nonce}signed-out": _ok({"directives": ["__client_uat=0; Path=/"]}),
            f"{nonce}broken": _error(500, "internal_clerk_error"),
        }
        newer = self._signed_in_directives(instance, "newer")[:2]
        refreshed = self._chance.choice(
            (
                _ok({"object": "cookies", "cookies": newer}),
                _ok({"object": "cookies", "cookies": []}),
                _ok({"object": "cookies", "cookies": ["__session=a.b.c; Path=/"]}),
                _error(400, "refresh_token_expired"),
                _error(500, "unexpected_error"),
                {"status": 400, "body": {}},
                None,
            )
        )
        if refreshed:
            for query in ("", "?suffixed_cookies=true"):
                answers[f"POST /v1/sessions/sess_1/refresh{query}"] = refreshed
        machine = self._weighted({200: 3, 401: 1, 404: 1, 500: 1})
        for call, body in _MACHINE_ANSWERS.items():
            alive = {"revoked": False, "expired": False, "created_at": 1, "updated_at": 1}
            answers[call] = _ok({**body, **alive}) if machine == 200 else _error(machine, "no")
        return answers


def _signed(instance: Instance, kind: str) -> str:
    if kind == "active":
        return instance.token()
    if kind == "wrong key":
        return _with_wrong_key(instance).token()
    if kind == "of another instance":
        return instance.token(iss=f"https://{_OTHER_HOST}")
    claims, header = (_KINDS | _MACHINE_KINDS)[kind]
    return instance.token(header, **claims)


def _with_wrong_key(instance: Instance) -> Instance:
    live = instance.publishable_key.startswith("pk_live_")
    return Instance(instance.host, live=live, key=signing_key(1))


def _ok(body: dict[str, Any]) -> dict[str, Any]:
    return {"status": 200, "body": body}


def _error(status: int, code: str) -> dict[str, Any]:
    return {"status": status, "body": {"errors": [{"code": code, "message": code}]}}
