"""Requests for the static files of pages, for which authentication is wasted or in the way.

The published rule of thumb is "a path with a dot in it is a file". It opens `/admin/report.pdf` and
`/api/users/1.json` too, and a path says nothing about what answers it. So a name alone opens nothing here: it
must lie in a folder of files that the application has mounted as such, and be what pages are made of.
"""

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.paths import canonical_path

#: Scripts, styles, fonts, icons, and what belongs to them.
_EXTENSIONS = frozenset(
    ("js", "mjs", "css", "map", "wasm", "ico", "svg", "woff", "woff2", "ttf", "otf", "eot", "webmanifest")
)


def has_dot(path: str) -> bool:
    """The published rule (S3.2): a path with a dot in it is a static file, one without is a page or an API.

    As `exclude=[lambda request: has_dot(request.path)]` it takes away all protection but that of the routes
    themselves: `/admin/report.pdf` and `/api/users/1.json` have a dot too.
    """
    return "." in path


def is_page_file(request: AuthRequest, path: str) -> bool:
    """Whether this request is for a file of which pages are made, going by its name. `path` is decoded, as
    the app sees it. What answers it decides whether that is so."""
    name, _, extension = path.rpartition("/")[2].rpartition(".")
    return (
        bool(name)
        and extension.lower() in _EXTENSIONS
        and request.method in ("GET", "HEAD")
        and canonical_path(path) == path  # another spelling may be routed elsewhere
    )
