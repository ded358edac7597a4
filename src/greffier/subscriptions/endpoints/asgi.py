"""The endpoint for any ASGI app.

    app = SubscriptionMiddleware(app, find_or_create_customer_id)

`find_or_create_customer_id(scope)` is called with the ASGI scope. `AuthMiddleware` goes around it.
"""

from collections.abc import AsyncIterator
from typing import Any, Unpack

from greffier.asgi import AnswerApp, App, Receive, Scope, Send
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.protection.gate import Answer
from greffier.subscriptions.endpoints.endpoint import MAX_BODY_BYTES, MAX_WEBHOOK_BYTES, Endpoint, Incoming
from greffier.subscriptions.endpoints.options import DEFAULT_PATH, EndpointSettings, FindCustomer
from greffier.subscriptions.handler import closing

__all__ = ["SubscriptionMiddleware"]


class SubscriptionMiddleware:
    """Answers requests of one path and of the webhook below it, and leaves all others to the app.

    The settings are those of `EndpointSettings`. Raises `ConfigurationError` for settings that cannot work.
    """

    def __init__(
        self,
        app: App,
        find_or_create_customer_id: FindCustomer,
        *,
        path: str = DEFAULT_PATH,
        **settings: Unpack[EndpointSettings],
    ) -> None:
        self.app = app
        self._path, self._webhook = path, f"{path}/webhook"
        self._endpoint = Endpoint(find_or_create_customer_id, settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        if path not in (self._path, self._webhook):
            await self.app(scope, receive, send)
            return
        parts = _received(receive)
        found = await answer(self._endpoint, scope, parts, scope, is_webhook=path == self._webhook)
        await AnswerApp(found)(scope, receive, send)


async def answer(
    endpoint: Endpoint, scope: Any, parts: AsyncIterator[bytes], native: Any, *, is_webhook: bool
) -> Answer:
    """The endpoint's answer to a request whose body comes in parts."""
    limit = MAX_WEBHOOK_BYTES if is_webhook else MAX_BODY_BYTES
    body: bytes | None = b""
    async for part in parts:
        body += part
        if len(body) > limit:
            body = None
            break
    head = AuthRequest.from_asgi(scope, trust_forwarded=endpoint.options.trust_forwarded)
    request = Incoming(head, body, native)
    return await closing(endpoint.answer_webhook(request) if is_webhook else endpoint.answer(request))


async def _received(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return
