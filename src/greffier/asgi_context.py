"""`with_context` in front of an ASGI app.

passing = with_context(["plan"], choose_plan)
app = ContextMiddleware(app, passing)        # one process: values travel in `scope["state"]`
app = ContextMiddleware(None, passing)       # a process of its own: values travel on the wire
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from greffier.asgi import AnswerApp, App, Receive, Scope, Send
from greffier.sdk.context.passing import ContextPassing, Decision, spoofed_answer
from greffier.sdk.context.reading import IN_FLIGHT
from greffier.sdk.errors import ContextSpoofed
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.sdk.steps import run_async

__all__ = ["ContextMiddleware"]


class ContextMiddleware:
    """Runs the middleware of `passing` on every request, with an `AuthRequest`.

    - A request that brings a declared key itself gets 400, and reaches no app.
    - Where the middleware says nothing, or answers with a rewrite on the same origin, `app` answers; what was
      set is in `scope["state"]` and never leaves the process.
    - Any other response of the middleware, an ASGI app such as a Starlette `Response`, is sent as it is.
    - Without an `app`, each request is answered with what tells the host to continue: see
      `ContextPassing.handle`.
    """

    def __init__(self, app: App | None, passing: ContextPassing, *, trust_forwarded: bool = True) -> None:
        self.app = app
        self._passing = passing
        self._trust_forwarded = trust_forwarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] not in ("http", "websocket"):
            if self.app is not None:
                await self.app(scope, receive, send)
            return None
        request = AuthRequest.from_asgi(scope, trust_forwarded=self._trust_forwarded)
        try:
            decision = await run_async(self._passing.decide(request))
        except ContextSpoofed as error:
            return await AnswerApp(spoofed_answer(error))(scope, receive, send)
        if self.app is None:
            return await _app_of(decision.response_with_context())(scope, receive, send)
        if not decision.continues:
            return await _app_of(decision.response)(scope, receive, send)
        return await self.app(_passed_on(scope, decision), receive, send)


def _app_of(response: Any) -> App:
    return AnswerApp(response) if isinstance(response, Answer) else response


def _passed_on(scope: Scope, decision: Decision) -> Scope:
    if not decision.data and decision.rewrite is None:
        return scope
    state = dict(scope.get("state") or {})
    state[IN_FLIGHT] = {**state.get(IN_FLIGHT, {}), **decision.data}
    changed = {**scope, "state": state}
    if decision.rewrite is not None:
        target = urlsplit(decision.rewrite)
        changed["path"] = unquote(target.path) or "/"
        changed["raw_path"] = (target.path or "/").encode("ascii", "replace")
        changed["query_string"] = target.query.encode("ascii", "replace")
    return changed
