"""Reading answers in tests."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx


def error_of(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, code and parameter of the first error."""
    error = response.json()["errors"][0]
    return response.status_code, error["code"], error.get("meta", {}).get("param_name")


def errors_of(response: httpx.Response) -> dict[str, str]:
    """The code of each parameter that is wrong."""
    return {error["meta"]["param_name"]: error["code"] for error in response.json()["errors"]}


def claims_of(jwt: str) -> dict[str, Any]:
    """Returns the claims of a token, unverified."""
    payload = jwt.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def set_cookie_value(lines: list[str], name: str) -> str | None:
    """The value of the last `Set-Cookie` line for this name."""
    values = [line.split(";")[0].partition("=") for line in lines]
    return next((value for found, _, value in reversed(values) if found == name), None)
