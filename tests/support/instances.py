"""An instance that no database has, for rules that only read one."""

from __future__ import annotations

from typing import Any

from greffier.server.web.instance.instance import Instance
from greffier.server.web.instance.settings import InstanceSettings


def instance(environment: str, **settings: Any) -> Instance:
    return Instance(
        id="ins_one",
        environment=environment,
        publishable_key="pk",
        frontend_api_host="clerk.example.com",
        domain="example.com" if environment == "production" else None,
        code_key="",
        settings=InstanceSettings(**settings),
        issuer="",
        cookie_suffix="sUfFiX_1",
        hosts=frozenset({"clerk.example.com"}),
    )
