"""Which requests are for files that belong to pages, on which authentication is wasted or in the way (S3).

The published rule of thumb is "a path with a dot in it is a file". It opens `/admin/report.pdf` too, so that
here only what pages are made of counts as a file: scripts, styles, fonts and icons. And a file that turns out
to be a page or data, when the app answers, is treated like every other protected route.
"""

from greffier.sdk.auth_request import AuthRequest
from greffier.sdk.paths import canonical_path

_SCRIPT = ("text/javascript", "application/javascript", "application/x-javascript")
_FONT = ("font/", "application/font", "application/x-font", "application/vnd.ms-fontobject", "binary/")
_UNKNOWN = ("application/octet-stream",)
_CONTENT = {
    "js": _SCRIPT,
    "mjs": _SCRIPT,
    "css": ("text/css",),
    "map": ("application/json", "text/plain", *_UNKNOWN),
    "wasm": ("application/wasm",),
    "ico": ("image/",),
    "svg": ("image/svg+xml",),
    **dict.fromkeys(("woff", "woff2", "ttf", "otf", "eot"), _FONT + _UNKNOWN),
    "webmanifest": ("application/manifest+json", "application/json", "text/plain", *_UNKNOWN),
}
#: Files at the root of a site that are for everybody.
_AT_THE_ROOT = {
    "/robots.txt": ("text/plain",),
    "/sitemap.xml": ("application/xml", "text/xml"),
    "/manifest.json": ("application/manifest+json", "application/json"),
}


def has_dot(path: str) -> bool:
    """The published rule (S3.2): a path with a dot in it is a static file, one without is a page or an API.

    As `exclude=[lambda request: has_dot(request.path)]` it takes away all protection but that of the routes
    themselves: `/admin/report.pdf` and `/api/users/1.json` have a dot too.
    """
    return "." in path


def is_page_file(request: AuthRequest, path: str) -> bool:
    """Whether this request is for a file that belongs to pages. `path` is decoded, as the app sees it."""
    return request.method in ("GET", "HEAD") and bool(_content_of(path))


def is_content_of(path: str, status: int, content_type: str) -> bool:
    """Whether an answer is what a page file of this path holds, and not a page or data in disguise."""
    return not 200 <= status < 300 or content_type.lower().startswith(_content_of(path))


def _content_of(path: str) -> tuple[str, ...]:
    """The beginnings of the content types that a page file of this path may have; none for other paths."""
    if path in _AT_THE_ROOT:
        return _AT_THE_ROOT[path]
    name, _, extension = path.rpartition("/")[2].rpartition(".")
    content = _CONTENT.get(extension.lower(), ()) if name else ()
    # Another spelling may be routed elsewhere.
    return content if content and canonical_path(path) == path else ()
