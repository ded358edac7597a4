"""Authorization requests and consents."""

from __future__ import annotations

import msgspec

from greffier.server.oauth_provider.authorization.authorization_requests import Given


class AuthorizationForm(msgspec.Struct, kw_only=True):
    """Every parameter of an authorization request, as a form."""

    response_type: list[str] = []
    client_id: list[str] = []
    redirect_uri: list[str] = []
    scope: list[str] = []
    state: list[str] = []
    prompt: list[str] = []
    code_challenge: list[str] = []
    code_challenge_method: list[str] = []
    response_mode: list[str] = []
    nonce: list[str] = []
    max_age: list[str] = []
    resource: list[str] = []
    request: list[str] = []
    request_uri: list[str] = []

    def given(self) -> Given:
        return {name: values for name, values in msgspec.structs.asdict(self).items() if values}


class ConsentForm(AuthorizationForm, kw_only=True):
    """The request once more, and the user's decision."""

    consented: str


class ConsentQuery(msgspec.Struct, kw_only=True):
    scope: str | None = None
    redirect_uri: str | None = None
