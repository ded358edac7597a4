"""The interface of a sender of messages to the outbox. `smtp.py` is one, `sms/` has others."""

from __future__ import annotations

from typing import Protocol

from greffier.server.delivery.tables import MessageRow


class DeliveryError(Exception):
    """A message was not taken.

    Args:
        reason: for the operator: no secret, no address, no text of the message.
        permanent: trying again is no use.
        refuses_us: the server refuses this server, whatever the message is: an operator can mend it, so the
            message is kept for as long as it is of use.
    """

    def __init__(self, reason: str, *, permanent: bool, refuses_us: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.refuses_us = refuses_us


class Sender(Protocol):
    """Hands messages over to the outside."""

    async def send(self, message: MessageRow) -> None:
        """Returns once the message is handed over.

        Raises:
            DeliveryError: it was not.
        """
        ...

    async def probe(self) -> None:
        """Learn what the way out can carry.

        Raises:
            DeliveryError: it is not there.
        """
        ...

    def reaches(self, address: str) -> bool:
        """Whether a message to this address can be handed over, as far as is known."""
        ...
