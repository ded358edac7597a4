"""Figures of this process for Prometheus. Counting is two additions per request; the `prometheus-client`
library, which takes 100 ms to import, writes the format on request.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from greffier.server import errors
from greffier.server.jobs.purger import Purger
from greffier.server.store.database import DatabaseUnavailable
from greffier.server.web.context import Services
from greffier.server.web.http.proxies import is_loopback
from greffier.server.web.http.reply import Reply, error_reply
from greffier.server.web.http.request import RequestInfo

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

PATH = "/metrics"
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_TOKENS = ("create_session_token", "create_session_token_with_template")


class Counted(msgspec.Struct):
    """Requests of one face, operation and status."""

    requests: int = 0
    seconds: float = 0.0


class Metrics:
    """The counters of this process, and the page that shows them."""

    def __init__(self, services: Services, purger: Purger) -> None:
        self._services = services
        self._purger = purger
        self._requests: dict[tuple[str, str, int], Counted] = {}

    def count(self, face: str, operation: str, status: int, seconds: float) -> None:
        key = (face, operation, status)
        counted = self._requests.get(key)
        if counted is None:
            counted = self._requests[key] = Counted()
        counted.requests += 1
        counted.seconds += seconds

    async def respond(self, request: RequestInfo) -> Reply:
        """The page, for this machine or a caller with the token; 404 for all others."""
        if not self._admitted(request):
            return error_reply(errors.route_not_found())
        try:
            queued = await self._services.ports.outbox.backlog()
        except DatabaseUnavailable:
            queued = None
        text = await asyncio.to_thread(self._text, list(self._collect_values()), queued)
        return Reply(200, text, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])

    def _admitted(self, request: RequestInfo) -> bool:
        token = self._services.settings.metrics_token
        if token:
            given = request.headers.get("authorization", "")
            return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
        # An unconfigured proxy on this machine must not open the page to all its visitors.
        forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "via"))
        return is_loopback(request.ip_address) and request.hostname in _LOCAL_NAMES and not forwarded

    def _collect_values(self) -> Iterator[tuple[tuple[str, str, int], int, float]]:
        for key, counted in sorted(self._requests.items()):
            yield key, counted.requests, counted.seconds

    def _text(self, values: list[tuple[tuple[str, str, int], int, float]], queued: int | None) -> bytes:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        labels = ["face", "operation", "status", "worker"]
        worker = str(os.getpid())
        requests = CounterMetricFamily("greffier_requests", "Requests answered.", labels=labels)
        seconds = CounterMetricFamily("greffier_request_seconds", "Time spent on them.", labels=labels)
        tokens = CounterMetricFamily("greffier_session_tokens", "Session tokens made.", labels=["worker"])
        hashing = GaugeMetricFamily(
            "greffier_password_queue", "Password hashes that wait for a core.", labels=["worker"]
        )
        database = GaugeMetricFamily(
            "greffier_database_up", "Whether the database answers.", value=int(queued is not None)
        )
        purged = CounterMetricFamily(
            "greffier_purged_rows",
            "Rows purged because their retention period is over.",
            labels=["table", "worker"],
        )
        failures = CounterMetricFamily(
            "greffier_purge_failures", "Purge runs that failed.", labels=["worker"]
        )
        for table, rows in sorted(self._purger.purged.items()):
            purged.add_metric([table, worker], rows)
        failures.add_metric([worker], self._purger.failures)
        made = 0
        for (face, operation, status), number, took in values:
            requests.add_metric([face, operation, str(status), worker], number)
            seconds.add_metric([face, operation, str(status), worker], took)
            made += number if operation in _TOKENS and status == 200 else 0
        tokens.add_metric([worker], made)
        hashing.add_metric([worker], self._services.passwords.waiting)
        families: list[Metric] = [requests, seconds, tokens, hashing, database, purged, failures]
        if queued is not None:
            families.append(
                GaugeMetricFamily("greffier_outbox_backlog", "Messages that wait to be sent.", value=queued)
            )

        class Collected:
            def collect(self) -> Any:
                return families

        registry = CollectorRegistry()
        registry.register(Collected())  # pyright: ignore[reportArgumentType]
        return generate_latest(registry)
