"""Pictures of people: their own, or one that is drawn from their id, so that each keeps its own colours. And
the logos of organizations and applications."""

from __future__ import annotations

import hashlib
import re

from starlette.requests import Request
from starlette.responses import Response

from greffier.server import errors
from greffier.server.oauth_provider.queries import GET_LOGO
from greffier.server.organizations.queries import GET_LOGO as GET_ORGANIZATION_LOGO
from greffier.server.users.queries import GET_IMAGE
from greffier.server.web.context import Services
from greffier.server.web.http.incoming import read_request

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PICTURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 80">\
<defs><linearGradient id="g" gradientTransform="rotate({turn} .5 .5)">\
<stop stop-color="hsl({first} 55% 52%)"/><stop offset="1" stop-color="hsl({second} 60% 40%)"/>\
</linearGradient></defs>\
<rect width="80" height="80" fill="url(#g)"/>\
<g fill="#fff" fill-opacity=".85">{figure}</g>\
</svg>"""
_PERSON = '<circle cx="40" cy="31" r="14"/><path d="M12 80a28 28 0 0 1 56 0z"/>'
_HOUSES = '<path d="M18 80V34h26v46zM48 80V18h14v62z"/>'

_HEADERS = {
    "content-type": "image/svg+xml",
    "cache-control": "public, max-age=31536000, immutable",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    # The browser components ask for pictures with `crossorigin=anonymous`, from the application's page.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}


async def avatar(request: Request) -> Response:
    """`GET /avatars/{id}.svg`."""
    name: str = request.path_params["name"]
    if not _NAME.fullmatch(name):
        raise errors.route_not_found()
    return Response(picture(name), headers=_HEADERS)


async def own_picture(services: Services, request: Request) -> Response:
    """`GET /avatars/{id}.webp`: public, under an id that changes with the picture."""
    instance = services.ports.instances.by_host(read_request(request.scope).host)
    if instance is None or not _NAME.fullmatch(request.path_params["name"]):
        raise errors.route_not_found()
    async with services.database.transaction() as db:
        key = {"instance_id": instance.id, "id": request.path_params["name"]}
        image = (
            await db.one(GET_IMAGE, **key)
            or await db.one(GET_ORGANIZATION_LOGO, **key)
            or await db.one(GET_LOGO, **key)
        )
    if image is None:
        raise errors.route_not_found()
    return Response(image.content, headers=_HEADERS | {"content-type": "image/webp"})


def picture(name: str) -> str:
    """The SVG of an id; the same for ever."""
    digest = hashlib.sha256(name.encode()).digest()
    first = digest[0] * 360 // 256
    second = (first + 50 + digest[2] // 4) % 360
    figure = _HOUSES if name.startswith("org_") else _PERSON
    return _PICTURE.format(turn=digest[1] * 360 // 256, first=first, second=second, figure=figure)
