"""Apps on several domains: a satellite asks the primary domain for the session, and the primary answers."""

from greffier.sdk.authentication.handshake import handshake_or_signed_out
from greffier.sdk.authentication.request_state import RequestState
from greffier.sdk.authentication.visit import Visit
from greffier.sdk.http.urls import hostname_of, is_safe_redirect, origin_of, url_with
from greffier.sdk.keys import accounts_url
from greffier.sdk.options import AuthOptions
from greffier.sdk.reasons import AuthReason

_SYNCED = "__clerk_synced"
_REDIRECT_URL = "__clerk_redirect_url"

#: Hosts of the hosted service's sign-in pages for development instances.
_HOSTED_PAGES = (".accounts.dev", ".accountsstage.dev", ".accounts.lclclerk.com")
_LEGACY_HOSTED_PAGES = (".lcl.dev", ".lclstage.dev", ".lclclerk.com")


def synchronize_satellite(visit: Visit) -> RequestState | None:
    """The first step on a satellite; None when its own cookies are to be read."""
    request, options, browser = visit.request, visit.options, visit.browser
    if not options.is_satellite or request.method != "GET":
        return None
    synced = request.parameter(_SYNCED)
    if request.headers.get("sec-fetch-dest") != "document" or synced == "true":
        return None
    has_cookies = bool(browser.session_token or browser.client_uat)
    needs_sync = synced == "false"
    if not has_cookies and not needs_sync and not options.satellite_auto_sync:
        return visit.signed_out(AuthReason.SESSION_AND_UAT_MISSING)
    if has_cookies and not needs_sync:
        return None
    location = None
    if options.is_development:
        location = url_with(options.sign_in_url or "", [(_REDIRECT_URL, request.url)])
    return handshake_or_signed_out(visit, AuthReason.SATELLITE_NEEDS_SYNCING, location=location)


def answer_satellite(visit: Visit) -> RequestState | None:
    """In development, send a satellite's visitor back to it with the development browser's token."""
    if not visit.options.is_development or visit.options.is_satellite:
        return None
    target = visit.request.parameter(_REDIRECT_URL)
    if not target or not is_safe_redirect(target, visit.options.redirect_origins):
        return None
    dev_browser = visit.dev_browser
    parameters = [("__clerk_db_jwt", dev_browser)] if dev_browser else []
    location = url_with(target, [*parameters, (_SYNCED, "true")])
    return handshake_or_signed_out(visit, AuthReason.PRIMARY_RESPONDS_TO_SYNCING, location=location)


def comes_from_satellite(visit: Visit) -> bool:
    """Whether a page was opened from another domain that may know a newer session than our cookies."""
    request = visit.request
    referrer = request.header("referer")
    if referrer is None or visit.options.is_satellite or request.method != "GET":
        return False
    if request.headers.get("sec-fetch-dest") != "document" or visit.browser.redirect_count:
        return False
    origin = origin_of(referrer)
    return (
        origin is not None
        and origin != request.origin
        and not _is_own_page(origin, request.origin, visit.options)
    )


def _is_own_page(origin: str, request_origin: str, options: AuthOptions) -> bool:
    """Whether the origin is the instance's Frontend API or its hosted pages, which keep cookies current."""
    host = hostname_of(origin) or ""
    if host == hostname_of(options.frontend_api_url(request_origin)):
        return True
    if options.is_development and (
        (host.endswith(_HOSTED_PAGES) and ".clerk." not in host)
        or (host.startswith("accounts.") and host.endswith(_LEGACY_HOSTED_PAGES))
    ):
        return True
    return origin == accounts_url(options.host)
