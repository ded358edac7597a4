"""The job that has providers revoke the tokens of accounts that were removed, and of sign-ups that were
abandoned.

The row of the tokens is the queue: removing an account marks it in the same transaction, so that nothing is
forgotten, and the job leases it. It goes when the provider has revoked the tokens, or never will.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from greffier.server.crypto.encryption import Undecryptable
from greffier.server.jobs.polling import PollingJob, jittered
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, DatabaseUnavailable, Transaction
from greffier.server.strategies.oauth.connections import connection_with
from greffier.server.strategies.oauth.fetching import Refused
from greffier.server.strategies.oauth.tokens.revocation import NotNow, revoke
from greffier.server.users.external_accounts.provider_tokens.keeping import in_clear
from greffier.server.users.external_accounts.provider_tokens.queries import (
    ANY_DUE,
    CLAIM_DUE,
    DELETE,
    OTHERS,
    POSTPONE,
)
from greffier.server.users.external_accounts.provider_tokens.tables import ProviderTokensRow
from greffier.server.web.context import Context

log = logging.getLogger(__name__)

MINUTE = 60_000
DELAYS = (MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 360 * MINUTE)
"""Milliseconds after each attempt that failed; after the last one the tokens are dropped."""
_BATCH_SIZE = 10
_LEASE = 2 * MINUTE
_POLL_SECONDS = 30.0
_STOP_SECONDS = 5.0


class Revoker:
    """Runs in every process; of two that run at once each takes other rows.

    Args:
        context_of: of a job for this instance; `None` when that is not there any more.
    """

    def __init__(
        self, database: Database, clock: Clock, context_of: Callable[[str, Transaction], Context | None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._context_of = context_of
        self._job = PollingJob(
            "tokens to revoke", self.revoke_due, poll_seconds=_POLL_SECONDS, stop_seconds=_STOP_SECONDS
        )

    def start(self) -> None:
        """Begin; the database must be started."""
        self._job.start()

    async def stop(self) -> None:
        """Let what has been asked be answered, for some seconds."""
        await self._job.stop()

    def wake(self) -> None:
        """Tokens were given up and it was committed. Called in the event loop's thread."""
        self._job.wake()

    async def revoke_due(self) -> bool:
        """Revoke what is due; returns whether more may be."""
        now = self._clock.now_ms()
        async with self._database.transaction() as db:
            if await db.one(ANY_DUE, now=now) is None:
                return False
            rows = await db.all(CLAIM_DUE, now=now, most=_BATCH_SIZE, leased_until=now + _LEASE)
        await asyncio.gather(*(self._revoke(row) for row in rows))
        return len(rows) == _BATCH_SIZE

    async def _revoke(self, row: ProviderTokensRow) -> None:
        """Nothing in the log is a secret: what is refused is told by its status."""
        try:
            await self._ask(row)
        except NotNow as error:
            if await self._postpone(row, error):
                return
        except (Refused, Undecryptable) as error:
            log.warning("tokens %s of %s are not revoked: %s", row.id, row.provider, error)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            # The type alone: what a library says may quote a credential.
            if await self._postpone(row, NotNow(type(error).__name__)):
                return
        async with self._database.transaction() as db:
            await db.execute(DELETE, instance_id=row.instance_id, id=row.id)

    async def _ask(self, row: ProviderTokensRow) -> None:
        async with self._database.transaction() as db:
            ctx = self._context_of(row.instance_id, db)
            connection = ctx and connection_with(ctx, row.provider)
            if ctx is None or connection is None:
                raise Refused("the provider is not in the settings any more")
            # These transactions only read, so nothing is held while the provider is asked.
            if not await _is_used_again(db, row, self._clock.now_ms()):
                await revoke(ctx, connection, in_clear(db, row))

    async def _postpone(self, row: ProviderTokensRow, error: NotNow) -> bool:
        """Returns whether there is another attempt."""
        if row.attempts > len(DELAYS):
            log.error("tokens %s of %s are not revoked, for good: %s", row.id, row.provider, error)
            return False
        log.warning("tokens %s of %s, attempt %d: %s", row.id, row.provider, row.attempts, error)
        async with self._database.transaction() as db:
            again_at = self._clock.now_ms() + int(jittered(DELAYS[row.attempts - 1]))
            await db.execute(POSTPONE, key=row.id, attempt=row.attempts, again_at=again_at)
        return True


async def _is_used_again(db: Transaction, row: ProviderTokensRow, now: int) -> bool:
    """Whether there are newer tokens of the same account: many providers would revoke those too."""
    same = {"provider": row.provider, "provider_user_id": row.provider_user_id}
    return await db.one(OTHERS, instance_id=row.instance_id, now=now, **same) is not None
