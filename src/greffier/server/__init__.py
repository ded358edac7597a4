"""The identity server. `create_app` makes it an ASGI application to serve or to mount."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from greffier.server.app import Server


def create_app(data: str | Path = ".greffier", *, database_url: str | None = None) -> Server:
    """A development server as an ASGI application, to be mounted at `/__clerk` of another one.

    It starts with the first request, or with the application's lifespan if that is passed on.

    Args:
        data: folder of the SQLite file and of `keys.json`; made at first use.
        database_url: another database than `<data>/greffier.db`.

    Returns:
        an application with `publishable_key` and `secret_key`, known before it has started.
    """
    from greffier.server.app import development_server

    return development_server(Path(data), database_url=database_url)
