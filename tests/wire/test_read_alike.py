"""Keys, claims and `has(...)`: the official package and ours must read the same out of them.

Questions are put together by chance, repeatably; what both are meant to answer differently is left out
(docs/decisions/2026-11-23-stricter-sdk.md).
"""

from __future__ import annotations

import base64
import json
import random
import subprocess
from collections import Counter
from typing import Any

import pytest

from greffier.sdk import keys
from greffier.sdk.auth_object import session_auth
from greffier.sdk.authorization import Reverification, has
from greffier.sdk.errors import InvalidKey
from greffier.sdk.tokens.claims import SessionProperties
from tests.sdk.published_words import described
from tests.support.services.node import FOLDER

pytestmark = pytest.mark.sdk

HOSTS = (
    "clerk.example.com",
    "example.com",
    "a.b",
    "nodots",
    "amber-ant-10.clerk.accounts.dev",
    "foo.accounts.dev",
    "clerk.accounts.example.com",
    "clerk.x.accountsstage.dev",
    "clerk.accountsstage.dev",
    "clerk.amber.ant-10.lcl.dev",
    "foo-bar.lclclerk.com",
    "clerk.localtest.example:8443",
    "myclerk.example.com",
)
LISTS = ("", "o:x", "u:x", "o:x,u:y", "ou:x", "uo:x,u:z", "o:x, u:y", "ou:search,u:x")
NAMES = ("x", "y", "z", "search", "org:x", "user:y", "o:x", "u:y", "organization:x", "team:x")
AGES = ([5, -1], [0, 0], [0, 11], [-1, -1], [-1, 5], [60, 9], [10, 10], [9, 9], [1500, 3], [59, 60])
RULES: tuple[Any, ...] = (
    "strict_mfa",
    "strict",
    "moderate",
    "lax",
    "no such preset",
    {"level": "first_factor", "afterMinutes": 10},
    {"level": "second_factor", "afterMinutes": 1},
    {"level": "multi_factor", "afterMinutes": 10},
)


def key(chance: random.Random) -> dict[str, Any]:
    end = chance.choice(("$", "$", "$", "", "$$", "$x"))
    encoded = base64.b64encode((chance.choice(HOSTS) + end).encode()).decode()
    encoded = chance.choice((encoded, encoded.rstrip("="), encoded + "=", encoded + "_x"))
    return {"key": chance.choice(("pk_test_", "pk_live_", "pk_prod_", "pk_", "sk_test_")) + encoded}


def good_key(chance: random.Random) -> dict[str, Any]:
    host = chance.choice([host for host in HOSTS if "." in host])
    return {"key": keys.encode_publishable_key(host, live=chance.random() < 0.5)}


def claims(chance: random.Random) -> dict[str, Any]:
    organization = {
        "id": "org_2",
        "rol": chance.choice(("admin", "member", None)),
        "slg": chance.choice(("acme", None)),
        "per": chance.choice(("read,manage,create", "read", " read, write", "", None)),
        "fpm": chance.choice(("3,5", "0", "1", "7,0,3", "12,9,14", "", None)),
    }
    found = {
        "sub": "user_1",
        "sid": chance.choice(("sess_1", None)),
        "v": chance.choice((2, 2, 1, None)),
        "sts": chance.choice(("active", "pending", None)),
        "act": chance.choice(({"sub": "user_2"}, None)),
        "fva": chance.choice((*AGES, None)),
        "org_id": chance.choice(("org_1", None)),
        "org_role": chance.choice(("org:admin", None)),
        "org_slug": chance.choice(("acme", None)),
        "org_permissions": chance.choice((["org:a:read"], [], None)),
        "o": chance.choice(({name: one for name, one in organization.items() if one is not None}, None)),
        "fea": chance.choice(("o:a", "u:x,o:a,uo:b,ou:c", "o:impersonation,o:magic_links", "u:x", None)),
        "pla": chance.choice(("u:free,o:pro", None)),
    }
    return {"claims": {name: value for name, value in found.items() if value is not None}}


def question(chance: random.Random) -> dict[str, Any]:
    state = {
        "orgRole": chance.choice(("org:admin", "admin", "org:member", None)),
        "orgPermissions": chance.choice((["org:a:read"], ["org:a:read", "org:b:x"], [], None)),
        "factorVerificationAge": chance.choice((*AGES, None)),
        "features": chance.choice(LISTS),
        "plans": chance.choice(LISTS),
    }
    asked = {
        "role": chance.choice(("org:admin", "admin", "member", None, None, None)),
        "permission": chance.choice(("org:a:read", "a:read", "org:b:x", None, None, None)),
        "feature": chance.choice((*NAMES, *[None] * 20)),
        "plan": chance.choice((*NAMES, *[None] * 20)),
        "reverification": chance.choice((*RULES, *[None] * 12)),
    }
    return {"state": state, "asked": {name: value for name, value in asked.items() if value is not None}}


SOURCES = {
    "key": key,
    "suffix": key,
    "api_url": good_key,
    "accounts_url": lambda chance: {"host": chance.choice(HOSTS)},
    "claims": claims,
    "has": question,
}


def our_answer(about: str, asked: dict[str, Any]) -> Any:
    if about == "key":
        try:
            decoded = keys.decode_publishable_key(asked["key"])
        except InvalidKey:
            return None
        return {"instanceType": decoded.instance_type, "frontendApi": decoded.frontend_api}
    if about == "suffix":
        return keys.cookie_suffix(asked["key"])
    if about == "api_url":
        return keys.hosted_api_url(asked["key"])
    if about == "accounts_url":
        return keys.accounts_url(asked["host"])
    if about == "claims":
        return described(session_auth(asked["claims"], "a.b.c", None))
    return our_decision(asked["state"], dict(asked["asked"]))


def our_decision(state: dict[str, Any], asked: dict[str, Any]) -> bool:
    rule = asked.get("reverification")
    if isinstance(rule, dict):
        asked["reverification"] = Reverification(rule["level"], rule["afterMinutes"])
    session = SessionProperties(
        user_id="user_1",
        org_id="org_1",
        org_role=state["orgRole"],
        org_permissions=tuple(state["orgPermissions"] or ()),
        factor_verification_age=tuple(state["factorVerificationAge"] or ()) or None,
        features=state["features"],
        plans=state["plans"],
    )
    return has(session, **asked)


def their_answers(questions: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    if not (FOLDER / "node_modules").is_dir():
        pytest.fail(f"the SDKs for Node.js are not installed: run `npm ci --prefix {FOLDER}`")
    lines = "".join(json.dumps({"about": about, **asked}) + "\n" for about, asked in questions)
    command = ["node", str(FOLDER / "shared.mjs")]
    done = subprocess.run(
        command, input=lines, capture_output=True, text=True, cwd=FOLDER, check=True, timeout=60
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def comparable(about: str, answer: Any) -> Any:
    """Returns the part that must be the same: of an auth object, the members that theirs has."""
    if about != "claims":
        return answer
    names = ("userId", "sessionId", "sessionStatus", "orgId", "orgRole", "orgSlug", "orgPermissions")
    return {name: answer.get(name) for name in (*names, "actor", "factorVerificationAge")}


def test_both_read_the_same_out_of_keys_claims_and_questions() -> None:
    chance = random.Random(1)
    questions = [(about, SOURCES[about](chance)) for about in SOURCES for _ in range(1000)]
    found = Counter[str]()
    for (about, asked), theirs in zip(questions, their_answers(questions), strict=True):
        ours = our_answer(about, asked)
        assert comparable(about, ours) == comparable(about, theirs), (about, asked)
        found[f"{about} {bool(ours)}"] += 1
    assert min(found[name] for name in ("key True", "key False", "has True", "has False")) > 100, found
