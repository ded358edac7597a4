"""What a sender of messages promises to the outbox. `smtp.py` is one."""

from __future__ import annotations

from typing import Protocol

from greffier.server.delivery.tables import MessageRow


class DeliveryError(Exception):
    """A message was not taken.

    Args:
        reason: for the operator: no secret, no address, no text of the message.
        permanent: trying again is no use.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Sender(Protocol):
    """Hands messages over to the outside."""

    async def send(self, message: MessageRow) -> None:
        """Returns once the message is handed over.

        Raises:
            DeliveryError: it was not.
        """
        ...
