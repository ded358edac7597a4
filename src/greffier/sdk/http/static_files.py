"""Requests for the static files of pages, for which authentication is wasted or in the way.

The published rule of thumb is "a path with a dot in it is a file". It makes `/admin/report.pdf` and
`/api/users/1.json` public too, and a path does not identify its handler. So a name alone makes nothing public
here: it must lie in a folder of files that the application has mounted as such, and be a file of pages.
"""

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.paths import canonical_path

#: Scripts, styles, fonts, icons, and what belongs to them.
_EXTENSIONS = frozenset(
    ("js", "mjs", "css", "map", "wasm", "ico", "svg", "woff", "woff2", "ttf", "otf", "eot", "webmanifest")
)


def has_dot(path: str) -> bool:
    """The published rule: a path with a dot in it is a static file, one without is a page or an API.

    As `exclude=[lambda request: has_dot(request.path)]` it takes away all protection but that of the routes
    themselves: `/admin/report.pdf` and `/api/users/1.json` have a dot too.
    """
    return "." in path


def is_page_file(request: AuthRequest, path: str) -> bool:
    """Whether this request is for a file of pages, by its name alone: the caller checks its handler. `path`
    is decoded, as the app sees it.
    """
    name, _, extension = path.rpartition("/")[2].rpartition(".")
    return (
        bool(name)
        and extension.lower() in _EXTENSIONS
        and request.method in ("GET", "HEAD")
        and canonical_path(path) == path  # another spelling may be routed elsewhere
    )
