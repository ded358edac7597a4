"""A store in this process, for all of its threads and event loops."""

import threading
import time
from collections import OrderedDict

from greffier.subscriptions.asking import Ready
from greffier.subscriptions.cache.pacing import Pacer
from greffier.subscriptions.cache.store import MOVING_SECONDS, OUTAGE_SECONDS, Kept, Known

MAX_ENTRIES = 10_000
"""Of those, the least recently used go first. An answer of Stripe has some kilobytes."""


class _Entry:
    __slots__ = ("expires_at", "kept", "moving_until", "version")

    def __init__(self) -> None:
        self.kept: Kept | None = None
        self.expires_at = 0.0
        self.moving_until = 0.0
        self.version = 0


class MemoryStore:
    """Implements `Store`."""

    def __init__(self, reads_per_second: float) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._outage_until = 0.0
        self._versions = 0
        self._pacer = Pacer(reads_per_second)

    def look(self, key: str) -> Ready[Known]:
        now = time.time()
        with self._lock:
            entry = self._entries.get(key)
            is_outage = self._outage_until > now
            if entry is None:
                return Ready(Known(None, 0, False, is_outage))
            self._entries.move_to_end(key)
            kept = entry.kept if entry.expires_at > now else None
            return Ready(Known(kept, entry.version, entry.moving_until > now, is_outage))

    def keep(self, key: str, kept: Kept, seconds: float) -> Ready[None]:
        with self._lock:
            entry = self._entry(key)
            entry.kept, entry.expires_at = kept, time.time() + seconds
        return Ready(None)

    def outdate(self, key: str, *, forget: bool, moving: bool) -> Ready[None]:
        with self._lock:
            entry = self._entry(key)
            # Never a number that an entry had before it was dropped from this store.
            self._versions += 1
            entry.version = self._versions
            if forget:
                entry.kept = None
            if moving:
                entry.moving_until = time.time() + MOVING_SECONDS
        return Ready(None)

    def note_outage(self) -> Ready[None]:
        self._outage_until = time.time() + OUTAGE_SECONDS
        return Ready(None)

    def lock(self, key: str) -> Ready[str | None]:
        """Granted always: reads of this process at the same time are one already."""
        return Ready("")

    def unlock(self, key: str, token: str) -> Ready[None]:
        return Ready(None)

    def waiting(self) -> Ready[float]:
        return Ready(self._pacer.waiting())

    def reserve(self) -> Ready[float | None]:
        return Ready(self._pacer.reserve())

    def _entry(self, key: str) -> _Entry:
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        if len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)
        return entry
