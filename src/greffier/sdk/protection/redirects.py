"""Sending a signed-out visitor to sign in, and back only to where it is safe."""

from greffier.sdk.authentication.handshake import DEV_BROWSER_PARAMETERS
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.http.urls import is_safe_redirect, origin_of, query_without, url_with
from greffier.sdk.keys import accounts_url
from greffier.sdk.options import AuthOptions

#: Parameters of authentication itself, which must not come back with the visitor.
_OWN_PARAMETERS = (
    *DEV_BROWSER_PARAMETERS,
    "__clerk_handshake",
    "__clerk_handshake_nonce",
    "__clerk_help",
    "__clerk_synced",
    "__clerk_redirect_url",
)


def sign_in_url(options: AuthOptions, origin: str) -> str:
    """The absolute sign-in page for a browser at `origin`."""
    if options.sign_in_url:
        return origin + options.sign_in_url if options.sign_in_url.startswith("/") else options.sign_in_url
    if options.proxy_url:
        return f"{options.frontend_api_url(origin)}/sign-in"
    return f"{accounts_url(options.host)}/sign-in"


def safe_return_url(options: AuthOptions, origin: str, url: str) -> str | None:
    """The URL, if a browser at `origin` may be sent back there after signing in; None if not.

    A path is taken on the app's own origin. An absolute URL must be of that origin or of `redirect_origins`.
    """
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        url = origin + url
    allowed = {origin, *(options.redirect_origins or ())}
    if not is_safe_redirect(url, allowed):
        return None
    base, _, query = url.partition("#")[0].partition("?")
    kept = query_without(query, _OWN_PARAMETERS)
    return f"{base}?{kept}" if kept else base


def sign_in_location(visit: Visit, *, return_to: str | None = None, pending: bool = False) -> str:
    """The URL of the sign-in page for a visitor who must sign in first, with the return URL as
    `redirect_url`.

    `return_to` is by default the URL of the request; an unsafe one is left out. With `pending`, the visitor
    is signed in but has a task to finish.
    """
    request, options = visit.request, visit.options
    location = sign_in_url(options, request.origin)
    if pending:
        location = f"{location.rstrip('/')}/tasks"
    abroad = origin_of(location) != request.origin
    parameters: list[tuple[str, str]] = []
    back = safe_return_url(options, request.origin, request.url if return_to is None else return_to)
    if back is not None:
        # A satellite must ask the primary again when its visitor comes back signed in.
        synced = [("__clerk_synced", "false")] if abroad and options.is_satellite else []
        parameters.append(("redirect_url", url_with(back, synced)))
    if abroad and options.is_development and visit.dev_browser:
        parameters.append(("__clerk_db_jwt", visit.dev_browser))
    return url_with(location, parameters)
