"""Comparison of answers for an address with an account and for one without, in everything that they show."""

from __future__ import annotations

from typing import Any, cast

import httpx

from tests.support.server import Browser, TestServer

VOLATILE = {
    "id",
    "identifier",
    "email_address",
    "safe_identifier",
    "email_address_id",
    "phone_number_id",
    "image_url",
    "clerk_trace_id",
    "abandon_at",
    "expire_at",
    "created_at",
    "updated_at",
    "last_active_at",
    "jwt",
}
"""Keys whose values differ from one try to the next, or say what was typed; their form must not."""


def outline(value: Any, key: str = "") -> Any:
    """A JSON value without what must differ: every key, and the type and length of volatile values."""
    if isinstance(value, dict):
        return {name: outline(item, name) for name, item in cast(dict[str, Any], value).items()}
    if isinstance(value, list):
        return [outline(item, key) for item in cast(list[Any], value)]
    if key in VOLATILE and value is not None:
        return type(value).__name__, len(str(value))
    return value


def seen(response: httpx.Response) -> tuple[int, int, list[str], Any]:
    """Everything about an answer that does not differ by itself."""
    return (
        response.status_code,
        len(response.content),
        sorted(response.headers),
        outline(response.json()),
    )


async def try_everything(server: TestServer, identifier: str) -> list[tuple[str, Any]]:
    """Returns the answers to every way to sign in without a proof, by step."""
    browser = server.browser()
    steps: list[tuple[str, Any]] = []

    async def step(name: str, path: str, **data: Any) -> httpx.Response:
        response = await browser.post(path, **data)
        steps.append((name, seen(response)))
        return response

    begun = await step("begin", "/v1/client/sign_ins", identifier=identifier)
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}"
    await step("wrong password", f"{path}/attempt_first_factor", strategy="password", password="wrong one")
    await step("no password", f"{path}/attempt_first_factor", strategy="password")
    await step("unprepared", f"{path}/attempt_first_factor", strategy="email_code", code="000000")
    await step("strange id", f"{path}/prepare_first_factor", strategy="email_code", email_address_id="idn_x")
    await step("no id", f"{path}/prepare_first_factor", strategy="email_code")
    await step("second factor", f"{path}/attempt_second_factor", strategy="email_code", code="000000")
    await step("prepare second", f"{path}/prepare_second_factor", strategy="email_code")
    for factor in begun.json()["response"]["supported_first_factors"]:
        if "email_address_id" in factor:
            await _fail_by_mail(server, step, path, factor)
    await step("unproven reset", f"{path}/reset_password", password="a wholly different battery")
    steps.append(("client", seen(await browser.get("/v1/client"))))
    steps.append(("sign-in", seen(await browser.get(path))))
    await _begin_with_proof(server.browser(), step, identifier)
    browser = server.browser()
    await step("first of a browser", "/v1/client/sign_ins", identifier=identifier, password="wrong one")
    await step(
        "again", "/v1/client/sign_ins", identifier=identifier, strategy="password", password="w" * 5000
    )
    server.clock.advance(seconds=24 * 3600)
    steps.append(("abandoned", seen(await server.browser().get("/v1/client"))))
    return steps


async def _fail_by_mail(server: TestServer, step: Any, path: str, factor: dict[str, Any]) -> None:
    fields = {key: factor[key] for key in ("strategy", "email_address_id")}
    name = fields["strategy"]
    await step(
        f"prepare {name}", f"{path}/prepare_first_factor", **fields, redirect_url="http://localhost:3000/"
    )
    for number in range(7):
        await step(f"{name} {number}", f"{path}/attempt_first_factor", strategy=name, code=f"{number:06d}")
    await step(
        f"again {name}", f"{path}/prepare_first_factor", **fields, redirect_url="http://localhost:3000/"
    )
    server.clock.advance(seconds=601)
    await step(f"late {name}", f"{path}/attempt_first_factor", strategy=name, code="999999")


async def _begin_with_proof(browser: Browser, step: Any, identifier: str) -> None:
    for strategy in ("email_code", "email_link", "reset_password_email_code", "telepathy"):
        await step(
            f"begin with {strategy}",
            "/v1/client/sign_ins",
            identifier=identifier,
            strategy=strategy,
            redirect_url="http://localhost:3000/",
        )
