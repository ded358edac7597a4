"""An example application with a test server, whose clock the tests move.

It is a program of its own, because a process has one Django project and one environment:

    python -m tests.browser.example_by_test_clock fastapi

It prints the application's URL and then obeys one JSON command a line: `{"do": "sign_in"}`,
`{"do": "revoke"}`, `{"do": "advance", "seconds": 66}`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from greffier.sdk.http.cookies import directive_name, directive_value
from greffier.testing import Session, TestClock, TestServer, serving


def main(framework: str) -> None:
    with TestServer() as server:
        os.environ.update(server.environment())
        with _EXAMPLES[framework](server.clock) as url:
            print(json.dumps({"url": url}), flush=True)
            _obey(server, url)


def _obey(server: TestServer, url: str) -> None:
    session: Session | None = None
    for line in sys.stdin:
        command = json.loads(line)
        answer: dict[str, Any] = {}
        if command["do"] == "sign_in":
            session = server.sign_in(server.create_user(email_address="ada@example.com"), app_url=url)
            directives = session.set_cookie_lines()
            answer["user_id"] = session.user.id
            answer["cookies"] = {directive_name(one): directive_value(one) for one in directives}
        elif command["do"] == "revoke" and session is not None:
            session.revoke()
        elif command["do"] == "advance":
            server.clock.advance(seconds=command["seconds"])
        print(json.dumps(answer), flush=True)


@contextmanager
def _fastapi(clock: TestClock) -> Iterator[str]:
    from examples.fastapi_app.app import create_app

    with serving(create_app(clock)) as url:
        yield url


@contextmanager
def _litestar(clock: TestClock) -> Iterator[str]:
    from examples.litestar_app.app import create_app

    with serving(create_app(clock)) as url:
        yield url


@contextmanager
def _flask(clock: TestClock) -> Iterator[str]:
    from examples.flask_app.app import create_app

    with _serving_wsgi(create_app(clock)) as url:
        yield url


@contextmanager
def _django(clock: TestClock) -> Iterator[str]:
    sys.path.insert(0, "examples/django_app")
    os.environ.update(DJANGO_SETTINGS_MODULE="orchard.settings", EXAMPLE_DATABASE=":memory:")
    import django
    from django.conf import settings

    settings.GREFFIER["clock"] = clock
    django.setup()
    from django.core.management import call_command
    from orchard.wsgi import application  # pyright: ignore[reportMissingImports, reportUnknownVariableType]

    call_command("migrate", verbosity=0)
    with _serving_wsgi(application) as url:
        yield url


@contextmanager
def _serving_wsgi(app: Any) -> Iterator[str]:
    from werkzeug.serving import make_server

    server = make_server("localhost", 0, app, threaded=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


_EXAMPLES: dict[str, Callable[[TestClock], Any]] = {
    "django": _django,
    "fastapi": _fastapi,
    "flask": _flask,
    "litestar": _litestar,
}

if __name__ == "__main__":
    main(sys.argv[1])
