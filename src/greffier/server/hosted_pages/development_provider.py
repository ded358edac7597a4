"""The page of the development provider: a developer says who they are, or what should go wrong."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from greffier.server import errors
from greffier.server.development_provider.authorization import (
    AuthorizationRequest,
    Outcome,
    answer,
    authorization_request,
)
from greffier.server.development_provider.people import Person, former_people, suggested
from greffier.server.development_provider.registration import PATH
from greffier.server.hosted_pages.rendering import SELF_CONTAINED
from greffier.server.hosted_pages.responses import page
from greffier.server.strategies.oauth.connections import Connection, find_connection
from greffier.server.versions import NEWEST
from greffier.server.web.context import Context, Services
from greffier.server.web.http.forms import parse_body
from greffier.server.web.http.incoming import body_content_type, read_body, read_request
from greffier.server.web.http.parameters import Parameters

AUTHORIZE = f"{PATH}/{{provider}}/authorize"

# The form is answered by a redirect to the callback, which leads on to the application: browsers hold all of
# these against `form-action`.
_POLICY = SELF_CONTAINED.replace("form-action 'self'; ", "")

_Text = Annotated[str, msgspec.Meta(max_length=200)]
_Picture = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^(https?://\S+)?$")]


class _Form(msgspec.Struct, kw_only=True):
    """`person`: the id of a former one, who is as the account says."""

    outcome: Outcome = "consent"
    person: _Text | None = None
    sub: _Text | None = None
    given_name: _Text | None = None
    family_name: _Text | None = None
    email: _Text | None = None
    email_verified: bool = False
    preferred_username: _Text | None = None
    picture: _Picture | None = None


async def authorize(services: Services, request: Request) -> Response:
    """GET asks who it is, POST answers the application.

    Raises:
        ApiError: 404 where nothing stands in for the provider, 400 for a request that is not of this
            instance.
    """
    info = read_request(request.scope)
    instance = services.ports.instances.by_host(info.host)
    if instance is None:
        raise errors.route_not_found()
    provider = request.path_params["provider"]
    async with services.database.transaction() as db:
        ctx = Context(services, db, instance, info, NEWEST)
        connection = find_connection(ctx, provider)
        if connection is None or not connection.stands_in:
            raise errors.route_not_found()
        asked = authorization_request(ctx, provider)
        former = await former_people(ctx, provider)
    if request.method == "POST":
        form = await _form(request)
        return RedirectResponse(answer(ctx, asked, form.outcome, _person(form, former)), 303)
    return _page(ctx, connection, asked, former)


async def _form(request: Request) -> _Form:
    """Raises: ApiError: 422 for values that are too long or malformed."""
    info = read_request(request.scope)
    data = await read_body(request.receive, info.headers.get("content-length"))
    return Parameters(await parse_body(body_content_type(info), data)).read(_Form)


def _person(form: _Form, former: list[Person]) -> Person:
    known = next((one for one in former if one.sub == form.person), None)
    return known or Person(
        sub=form.sub or "",
        given_name=form.given_name,
        family_name=form.family_name,
        email=form.email,
        email_verified=form.email_verified and bool(form.email),
        preferred_username=form.preferred_username,
        picture=form.picture,
    )


def _page(
    ctx: Context, connection: Connection, asked: AuthorizationRequest, former: list[Person]
) -> Response:
    """With `person` in its address the form has a former one, to be changed."""
    chosen = next((one for one in former if one.sub == ctx.request.query_value("person")), None)
    return page(
        "development_provider.html",
        policy=_POLICY,
        application_name=ctx.instance.settings.application_name,
        provider_name=connection.provider.name,
        former=former,
        person=chosen or suggested(former, asked.login_hint),
        is_former=chosen is not None,
        query=[(name, value) for name, values in ctx.request.query.items() for value in values],
    )
