"""The app as an OAuth protected resource (RFC 9728): metadata that names the authorization server of its
tokens.

Agents, such as MCP clients, come without a token, read the challenge of the 401, fetch this metadata, and ask
the authorization server that it names for a token of this resource (RFC 8707).
"""

import json

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.urls import origin_of
from greffier.sdk.options import AuthOptions
from greffier.sdk.protection.gate import Answer

WELL_KNOWN = "/.well-known/oauth-protected-resource"

# : The metadata is public, and clients in browsers read it from other origins.
_FOR_ALL = (("access-control-allow-origin", "*"), ("cache-control", "max-age=3600"))


def metadata_url(resource: str) -> str:
    """The URL of a resource's metadata: the well-known part comes before its path (RFC 9728 3.1)."""
    origin, path = _parts(resource)
    return f"{origin}{WELL_KNOWN}{path}"


def metadata_path(resource: str) -> str:
    """The path of `metadata_url`."""
    return WELL_KNOWN + _parts(resource)[1]


def metadata_answer(options: AuthOptions, request: AuthRequest) -> Answer:
    """The metadata as JSON (RFC 9728 section 2), also to a preflight; needs the setting `resource`."""
    if request.method == "OPTIONS":
        allowed = request.header("access-control-request-headers") or "*"
        shown = allowed if allowed.isprintable() and len(allowed) < 200 else "*"
        methods = (("access-control-allow-methods", "GET"), ("access-control-allow-headers", shown))
        return Answer(204, (*_FOR_ALL, *methods))
    if request.method not in ("GET", "HEAD"):
        return Answer(405, (("allow", "GET, HEAD, OPTIONS"),))
    metadata = {
        "resource": options.resource,
        "authorization_servers": [options.frontend_api_url(request.origin)],
        "bearer_methods_supported": ["header"],
    }
    if options.resource_scopes:
        metadata["scopes_supported"] = list(options.resource_scopes)
    headers = (("content-type", "application/json"), *_FOR_ALL)
    return Answer(200, headers, json.dumps(metadata).encode())


def challenge(options: AuthOptions, *, error: str | None = None) -> tuple[str, str]:
    """The header of a 401 (RFC 6750 section 3, RFC 9728 section 5.1)."""
    value = 'Bearer realm="greffier"'
    if error is not None:
        value += f', error="{error}"'
    if options.resource is not None:
        value += f', resource_metadata="{metadata_url(options.resource)}"'
    return "www-authenticate", value


def _parts(resource: str) -> tuple[str, str]:
    path = "/".join(resource.split("/")[3:])
    return origin_of(resource) or "", f"/{path}".rstrip("/")
