"""The endpoint for any WSGI app.

    app = SubscriptionMiddleware(app, find_or_create_customer_id)

`find_or_create_customer_id(environ)` is called with the WSGI environ. `AuthMiddleware` goes around it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Unpack

from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.sdk.steps import run
from greffier.subscriptions.endpoints.endpoint import MAX_BODY_BYTES, MAX_WEBHOOK_BYTES, Endpoint, Incoming
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.wsgi import AnswerApp

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["SubscriptionMiddleware"]


class SubscriptionMiddleware:
    """Answers requests of one path and of the webhook below it, and leaves all others to the app.

    The settings are those of `EndpointSettings`. Raises `ConfigurationError` for settings that cannot work.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        find_or_create_customer_id: FindCustomer,
        *,
        path: str = DEFAULT_PATH,
        **settings: Unpack[EndpointSettings],
    ) -> None:
        self.app = app
        self._path, self._webhook = path, f"{path}/webhook"
        self._endpoint = Endpoint(find_or_create_customer_id, settings)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """The WSGI entry point."""
        path = environ.get("PATH_INFO", "")
        if path not in (self._path, self._webhook):
            return self.app(environ, start_response)
        found = answer(self._endpoint, environ, environ, is_webhook=path == self._webhook)
        return AnswerApp(found)(environ, start_response)


def answer(endpoint: Endpoint, environ: "WSGIEnvironment", native: Any, *, is_webhook: bool) -> Answer:
    """The endpoint's answer to a request of this environ."""
    limit = MAX_WEBHOOK_BYTES if is_webhook else MAX_BODY_BYTES
    length = str(environ.get("CONTENT_LENGTH") or "0")
    body: bytes | None = None
    if length.isdigit() and int(length) <= limit:
        # Without a length there is no body (PEP 3333 lets nothing be read beyond it).
        body = environ["wsgi.input"].read(int(length)) if int(length) else b""
    head = AuthRequest.from_environ(environ, trust_forwarded=endpoint.options.trust_forwarded)
    request = Incoming(head, body, native)
    return run(endpoint.answer_webhook(request) if is_webhook else endpoint.answer(request))
