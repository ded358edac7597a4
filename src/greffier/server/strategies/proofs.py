"""Parameters that several strategies read."""

from __future__ import annotations

import msgspec


class CodeProof(msgspec.Struct, kw_only=True):
    code: str | None = None


class ChannelRequest(msgspec.Struct, kw_only=True):
    """`channel`: the way on which a code is to come."""

    channel: str | None = None


class PasswordProof(msgspec.Struct, kw_only=True):
    password: str | None = None


class LinkRequest(msgspec.Struct, kw_only=True):
    """`redirect_url`: where the browser is led in the end. `action_complete_redirect_url`: where instead, if
    it comes from another site and is signed in then."""

    redirect_url: str | None = None
    action_complete_redirect_url: str | None = None
