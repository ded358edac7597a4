"""A transport that answers from a table and keeps what was asked; it stands for the Backend API."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from greffier.sdk.errors import BackendApiUnreachable
from greffier.sdk.http.transport import HttpRequest, HttpResponse

NOT_FOUND = {"status": 404, "body": {"errors": [{"code": "resource_not_found", "message": "not found"}]}}


class RecordedBackend:
    """`answers` maps "METHOD /path?query" to `{"status", "body"}`; everything else is 404."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = dict(answers)
        self.requests: list[HttpRequest] = []
        self.is_down = False

    def calls(self) -> list[str]:
        """The recorded requests, without those for key sets."""
        return [call for call in map(_name, self.requests) if not call.endswith("/jwks")]

    def sent(self, call: str) -> Any:
        """The body of the first request of that name."""
        return json.loads(next(one.body or b"null" for one in self.requests if _name(one) == call))

    def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        if self.is_down:
            raise BackendApiUnreachable("down")
        answer = self.answers.get(_name(request), NOT_FOUND)
        return HttpResponse(answer["status"], json.dumps(answer["body"]).encode())

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        return self.send(request)


def _name(request: HttpRequest) -> str:
    url = urlsplit(request.url)
    return f"{request.method} {url.path}{'?' if url.query else ''}{url.query}"
