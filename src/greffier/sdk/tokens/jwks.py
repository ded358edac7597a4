"""The key set of an instance: fetched once for many waiters, kept for five minutes and through an outage."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NoReturn, cast

from greffier.sdk.errors import BackendApiUnreachable, TokenVerificationError
from greffier.sdk.http.transport import HttpRequest, HttpResponse, Transport
from greffier.sdk.reasons import TokenReason
from greffier.sdk.steps import Steps, ask
from greffier.sdk.tokens.signatures import SigningKey, signing_key_from_jwk

# : A fetched key set is valid for this long, in seconds: a removed key is refused after it.
LIFETIME_SECONDS = 300.0
#: While it cannot be fetched again, the last key set is kept for this long, in seconds.
OUTAGE_SECONDS = 24 * 3600.0
#: Between two fetches because of an unknown kid, in seconds: made-up kids must not become a flood of fetches.
UNKNOWN_KID_SECONDS = 5.0
#: Between two tries while the last key set is kept, in seconds: an outage must not slow every request down.
RETRY_SECONDS = 10.0
#: Between two tries while there is no key set at all, in seconds.
FIRST_RETRY_SECONDS = 0.5

_log = logging.getLogger("greffier.sdk.tokens.jwks")


class JwksKeys:
    """The public keys behind one JWKS URL (RFC 7517). Safe to share between threads and event loops.

    `clock` gives monotonic seconds.
    """

    def __init__(
        self, request: HttpRequest, transport: Transport, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._request = request
        self._transport = transport
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._failure: TokenVerificationError | None = None
        self._lock = threading.Lock()
        self._flight: _Flight | None = None

    def known(self, kid: object) -> SigningKey | None:
        """The key, if a fresh key set holds it; nothing is fetched."""
        if self._clock() - self._fetched_at >= LIFETIME_SECONDS:
            return None
        return self._keys.get(kid) if isinstance(kid, str) else None

    def find(self, kid: object) -> Steps[SigningKey]:
        """The key, from a key set fetched anew where that may help; else `TokenVerificationError`."""
        if not isinstance(kid, str):
            raise TokenVerificationError(
                TokenReason.JWK_KID_MISMATCH, "The token does not name its key (kid)."
            )
        if self._worth_fetching(kid):
            yield from ask(_Fetch(self, self._tried_at))
        key = self._usable().get(kid)
        if key is not None:
            return key
        if self._failure is not None:
            raise self._failure
        raise TokenVerificationError(
            TokenReason.JWK_KID_MISMATCH,
            "The key set holds no key of the kid that the token names: the token is from another instance,"
            " or the publishable key, secret key and API URL do not belong together.",
        )

    def _usable(self) -> dict[str, SigningKey]:
        return self._keys if self._clock() - self._fetched_at < OUTAGE_SECONDS else {}

    def _worth_fetching(self, kid: str) -> bool:
        now = self._clock()
        since_try = now - self._tried_at
        if not self._usable():
            return since_try >= FIRST_RETRY_SECONDS
        if now - self._fetched_at >= LIFETIME_SECONDS:
            return since_try >= RETRY_SECONDS
        return kid not in self._keys and since_try >= UNKNOWN_KID_SECONDS

    def join_flight(self, last_try: float, *, on_loop: bool) -> "tuple[_Flight | None, bool]":
        """The fetch to wait for, and whether the caller must carry it out.

        None when another fetch has returned since `last_try`.
        """
        with self._lock:
            if self._tried_at != last_try:
                return None, False
            flight = self._flight
            # A blocking caller must not wait for a fetch that needs this very thread's event loop.
            if flight is not None and (on_loop or not flight.on_loop):
                return flight, False
            self._flight = flight = _Flight(on_loop=on_loop)
            return flight, True

    def land(self, flight: "_Flight", answer: HttpResponse | Exception) -> None:
        """Take over the answer of a fetch and wake all who wait for it."""
        with self._lock:
            self._take(answer)
            if self._flight is flight:
                self._flight = None
        flight.done.set_result(None)

    def _take(self, answer: HttpResponse | Exception) -> None:
        now = self._clock()
        try:
            self._keys, self._failure, self._fetched_at = _keys_of(answer), None, now
        except TokenVerificationError as failure:
            self._failure = failure
            if self._usable():
                _log.warning("The key set cannot be fetched; the last one is kept. %s", failure)
        self._tried_at = now

    def send(self) -> HttpResponse | Exception:
        """Fetch, blocking; a failure is returned, not raised."""
        try:
            return self._transport.send(self._request)
        except Exception as error:
            return error

    async def send_async(self) -> HttpResponse | Exception:
        """Fetch without blocking; a failure is returned, not raised."""
        try:
            return await self._transport.send_async(self._request)
        except Exception as error:
            return error


class _Flight:
    """One fetch under way and all who wait for it."""

    def __init__(self, *, on_loop: bool) -> None:
        self.on_loop = on_loop
        self.done: Future[None] = Future()
        # Marked as running, so that a waiter who is cancelled cannot cancel it for the others.
        self.done.set_running_or_notify_cancel()


class _Fetch:
    """Fetch the key set, or wait for the fetch that is under way."""

    def __init__(self, keys: JwksKeys, last_try: float) -> None:
        self._keys = keys
        self._last_try = last_try

    def ask(self) -> None:
        flight, leads = self._keys.join_flight(self._last_try, on_loop=False)
        if flight is None:
            return
        if leads:
            self._keys.land(flight, self._keys.send())
        flight.done.result()

    async def ask_async(self) -> None:
        flight, leads = self._keys.join_flight(self._last_try, on_loop=True)
        if flight is None:
            return
        if leads:
            # A task of its own: a leader who is cancelled must not leave the others waiting.
            task = asyncio.ensure_future(self._carry_out(flight))
            _running.add(task)
            task.add_done_callback(_running.discard)
        await asyncio.wrap_future(flight.done)

    async def _carry_out(self, flight: _Flight) -> None:
        answer: HttpResponse | Exception = BackendApiUnreachable("the event loop ended")
        try:
            answer = await self._keys.send_async()
        finally:
            self._keys.land(flight, answer)


_running: set[asyncio.Future[None]] = set()


def _keys_of(answer: HttpResponse | Exception) -> dict[str, SigningKey]:
    if isinstance(answer, Exception):
        _fail(TokenReason.JWK_REMOTE_FAILED_TO_LOAD, f"The key set cannot be fetched. {answer}")
    try:
        body = answer.json()
    except BackendApiUnreachable as error:
        _fail(TokenReason.JWK_REMOTE_FAILED_TO_LOAD, f"The key set cannot be read. {error}")
    if answer.status != 200:
        if answer.status == 401 or _error_code(body) == "clerk_key_invalid":
            _fail(TokenReason.SECRET_KEY_INVALID, "The Backend API does not accept the secret key.")
        _fail(TokenReason.JWK_REMOTE_FAILED_TO_LOAD, f"The key set was answered with status {answer.status}.")
    keys: dict[str, SigningKey] = {}
    for entry in _entries(body):
        _add_key(keys, entry)
    if not keys:
        _fail(TokenReason.JWK_REMOTE_MISSING, "The key set holds no RSA signing key.")
    return keys


def _entries(body: Any) -> list[Any]:
    try:
        return list(body["keys"])
    except (LookupError, TypeError):
        _fail(TokenReason.JWK_REMOTE_INVALID, "The answer is not a key set.")


def _add_key(keys: dict[str, SigningKey], entry: Any) -> None:
    # Entries of other kinds (encryption, elliptic curves) are legal in a key set and not for us.
    if not isinstance(entry, dict):
        return
    jwk = cast("dict[str, Any]", entry)
    kid = jwk.get("kid")
    if not isinstance(kid, str) or jwk.get("use", "sig") != "sig":
        return
    try:
        keys.setdefault(kid, signing_key_from_jwk(jwk))
    except ValueError as error:
        _log.warning("A key of the key set is left out: %s", error)


def _error_code(body: Any) -> Any:
    try:
        return body["errors"][0]["code"]
    except (LookupError, TypeError):
        return None


def _fail(reason: TokenReason, message: str) -> NoReturn:
    raise TokenVerificationError(reason, message, is_outage=True)
