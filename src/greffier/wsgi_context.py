"""`with_context` in front of a WSGI app: Flask, Django, or any other.

    app.wsgi_app = ContextMiddleware(app.wsgi_app, with_context(["plan"], choose_plan))

It is what `greffier.asgi_context` is for ASGI; values travel in the environ.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from greffier.sdk.context.passing import ContextPassing, Decision, spoofed_answer
from greffier.sdk.context.reading import IN_FLIGHT
from greffier.sdk.errors import ContextSpoofed
from greffier.sdk.protection.gate import Answer
from greffier.sdk.steps import run
from greffier.wsgi import AnswerApp

__all__ = ["ContextMiddleware"]

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class ContextMiddleware:
    """Runs the middleware of `passing`, a plain function, on every request, with its environ.

    See `greffier.asgi_context.ContextMiddleware`: a response of the middleware is a WSGI app here, such as
    one of Werkzeug.
    """

    def __init__(self, app: App | None, passing: ContextPassing) -> None:
        self.app = app
        self._passing = passing

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI entry point."""
        try:
            decision = run(self._passing.decide(environ))
        except ContextSpoofed as error:
            return AnswerApp(spoofed_answer(error))(environ, start_response)
        if self.app is None:
            return _app_of(decision.response_with_context())(environ, start_response)
        if not decision.continues:
            return _app_of(decision.response)(environ, start_response)
        return self.app(_passed_on(environ, decision), start_response)


def _app_of(response: Any) -> App:
    return AnswerApp(response) if isinstance(response, Answer) else response


def _passed_on(environ: Environ, decision: Decision) -> Environ:
    if not decision.data and decision.rewrite is None:
        return environ
    changed = {**environ, IN_FLIGHT: {**environ.get(IN_FLIGHT, {}), **decision.data}}
    if decision.rewrite is not None:
        target = urlsplit(decision.rewrite)
        path = unquote_to_bytes(target.path or "/").decode("latin-1")
        prefix = environ.get("SCRIPT_NAME", "")
        changed["PATH_INFO"] = path[len(prefix) :] if prefix and path.startswith(prefix + "/") else path
        changed["QUERY_STRING"] = target.query
        for name in ("RAW_URI", "REQUEST_URI"):  # as servers put it there, they are of the URL asked for
            changed.pop(name, None)
    return changed
