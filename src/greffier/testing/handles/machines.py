"""`Machine`: a service that asks the app under test, with a key of its own."""

from __future__ import annotations

from typing import Any

from greffier.testing.hosting.running import RunningServer


class Machine:
    """A machine of the test server. `data` is the machine as the Backend API showed it at creation."""

    def __init__(self, server: RunningServer, data: dict[str, Any]) -> None:
        self.id: str = data["id"]
        self.secret_key: str = data["secret_key"]
        self.data = data
        self._server = server

    def token(self, **fields: Any) -> str:
        """A fresh M2M token, opaque unless `token_format="jwt"` is given.

        Args:
            fields: any of the Backend API's operation createM2MToken, such as `claims` or
                `seconds_until_expiration`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for a machine that was deleted.
        """
        answer = self._server.backend_api("POST", "/v1/m2m_tokens", fields, secret_key=self.secret_key)
        return answer["token"]

    def headers(self, **fields: Any) -> dict[str, str]:
        """The header of a request to the app, with a fresh token."""
        return {"authorization": f"Bearer {self.token(**fields)}"}
