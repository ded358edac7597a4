"""The key set: fetched rarely, shared by all who wait, and kept through an outage."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.http.transport import HttpRequest, HttpResponse
from greffier.sdk.steps import run, run_async
from greffier.sdk.tokens.jwks import (
    FIRST_RETRY_SECONDS,
    LIFETIME_SECONDS,
    OUTAGE_SECONDS,
    RETRY_SECONDS,
    UNKNOWN_KID_SECONDS,
    JwksKeys,
)
from greffier.sdk.tokens.signatures import SigningKey
from tests.sdk.instances import Instance, production, signing_key
from tests.sdk.recorded_backend import RecordedBackend

OLD = production()
NEW = Instance("clerk.example.com", live=True, kid="ins_2", key=signing_key(1))
JWKS = "GET /jwks"


class KeySet:
    """A key set behind a recorded backend, with a clock to turn."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.now = 1000.0
        self.backend = RecordedBackend({})
        self.serve(*keys)
        self.keys = JwksKeys(
            HttpRequest("GET", "https://x.example/jwks"), self.backend, clock=lambda: self.now
        )

    def serve(self, *keys: dict[str, Any]) -> None:
        self.answer(200, {"keys": list(keys)})

    def answer(self, status: int, body: Any) -> None:
        self.backend.answers[JWKS] = {"status": status, "body": body}

    def find(self, kid: Any = "ins_1") -> SigningKey:
        return run(self.keys.find(kid))

    def refusal(self, kid: Any = "ins_1") -> str:
        with pytest.raises(TokenVerificationError) as caught:
            self.find(kid)
        return caught.value.reason

    @property
    def fetches(self) -> int:
        return len(self.backend.requests)


def test_the_key_set_is_fetched_once_within_five_minutes() -> None:
    keys = KeySet(OLD.jwk)
    first = keys.find()
    keys.now += LIFETIME_SECONDS - 1
    assert keys.find() is first
    assert keys.keys.known("ins_1") is first
    assert keys.fetches == 1


def test_a_key_that_was_taken_away_is_refused_after_five_minutes() -> None:
    keys = KeySet(OLD.jwk)
    keys.find()
    keys.serve(NEW.jwk)
    keys.now += LIFETIME_SECONDS
    assert keys.keys.known("ins_1") is None
    assert keys.refusal() == "jwk-kid-mismatch"
    assert keys.find("ins_2")


def test_an_unknown_kid_fetches_the_key_set_anew() -> None:
    keys = KeySet(OLD.jwk)
    keys.find()
    keys.serve(OLD.jwk, NEW.jwk)
    keys.now += UNKNOWN_KID_SECONDS
    assert keys.find("ins_2")
    assert keys.fetches == 2


def test_made_up_kids_do_not_cause_a_flood_of_fetches() -> None:
    keys = KeySet(OLD.jwk)
    keys.find()
    for number in range(1000):
        keys.now += 0.01
        assert keys.refusal(f"made-up-{number}") == "jwk-kid-mismatch"
    assert keys.fetches <= 1 + 1000 * 0.01 / UNKNOWN_KID_SECONDS


@pytest.mark.parametrize("kid", [None, 5, ["ins_1"], {"a": 1}, True])
def test_a_token_must_name_its_key(kid: object) -> None:
    keys = KeySet(OLD.jwk)
    assert keys.refusal(kid) == "jwk-kid-mismatch"
    assert keys.keys.known(kid) is None
    assert keys.fetches == 0


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1 --", "x" * 5000, "ins_1\r\nX: y"])
def test_a_kid_is_only_ever_compared(kid: str) -> None:
    keys = KeySet(OLD.jwk)
    assert keys.refusal(kid) == "jwk-kid-mismatch"
    assert [request.url for request in keys.backend.requests] == ["https://x.example/jwks"]


def test_the_last_key_set_is_kept_through_an_outage() -> None:
    keys = KeySet(OLD.jwk)
    first = keys.find()
    keys.backend.is_down = True
    keys.now += LIFETIME_SECONDS
    assert keys.find() is first
    keys.now += OUTAGE_SECONDS - LIFETIME_SECONDS - 1
    assert keys.find() is first
    keys.now += 1
    assert keys.refusal() == "jwk-remote-failed-to-load"


def test_an_outage_is_tried_out_once_in_a_while_only() -> None:
    keys = KeySet(OLD.jwk)
    keys.find()
    keys.backend.is_down = True
    keys.now += LIFETIME_SECONDS
    for _ in range(100):
        keys.find()
    assert keys.fetches == 2
    keys.now += RETRY_SECONDS
    keys.find()
    assert keys.fetches == 3


def test_after_an_outage_the_key_set_is_fresh_again() -> None:
    keys = KeySet(OLD.jwk)
    keys.find()
    keys.backend.is_down = True
    keys.now += LIFETIME_SECONDS
    keys.find()
    keys.backend.is_down = False
    keys.serve(NEW.jwk)
    keys.now += RETRY_SECONDS
    assert keys.refusal() == "jwk-kid-mismatch"
    assert keys.keys.known("ins_2")


def test_a_server_that_was_not_up_yet_is_asked_again_soon() -> None:
    keys = KeySet(OLD.jwk)
    keys.backend.is_down = True
    for _ in range(10):
        assert keys.refusal() == "jwk-remote-failed-to-load"
    assert keys.fetches == 1
    keys.backend.is_down = False
    keys.now += FIRST_RETRY_SECONDS
    assert keys.find()


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (401, {"errors": [{"code": "clerk_key_invalid"}]}, "secret-key-invalid"),
        (400, {"errors": [{"code": "clerk_key_invalid"}]}, "secret-key-invalid"),
        (401, {}, "secret-key-invalid"),
        (500, {"errors": []}, "jwk-remote-failed-to-load"),
        (302, {}, "jwk-remote-failed-to-load"),
        (200, {}, "jwk-remote-invalid"),
        (200, [], "jwk-remote-invalid"),
        (200, {"keys": 5}, "jwk-remote-invalid"),
        (200, {"keys": []}, "jwk-remote-missing"),
        (200, {"keys": [5, None, {}, {"kid": "ins_1"}]}, "jwk-remote-missing"),
    ],
)
def test_an_answer_that_is_no_key_set_is_refused(status: int, body: Any, reason: str) -> None:
    keys = KeySet()
    keys.answer(status, body)
    assert keys.refusal() == reason


@pytest.mark.parametrize(
    "broken",
    [
        {"use": "enc"},
        {"kty": "EC"},
        {"n": None},
        {"n": "AQAB"},
        {"e": 5},
        {"n": "é"},
        {"kid": None},
        {"kid": ["ins_1"]},
    ],
)
def test_an_entry_that_is_no_rsa_signing_key_is_left_out(broken: dict[str, Any]) -> None:
    keys = KeySet({**OLD.jwk, **broken}, NEW.jwk)
    assert keys.refusal() == "jwk-kid-mismatch"
    assert keys.find("ins_2")


def test_a_key_of_less_than_2048_bits_is_left_out() -> None:
    weak = Instance("clerk.example.com", live=True, kid="weak", key=signing_key(2, 1024))
    keys = KeySet(weak.jwk, OLD.jwk)
    assert keys.refusal("weak") == "jwk-kid-mismatch"


def test_of_two_keys_with_one_kid_the_first_counts() -> None:
    impostor = Instance("clerk.example.com", live=True, key=signing_key(1))
    keys = KeySet(OLD.jwk, impostor.jwk)
    signed, _, _ = OLD.token().rpartition(".")
    signature = signing_key(0).sign(signed.encode(), *_pkcs1_sha256())
    assert keys.find().verifies("RS256", signature, signed.encode())


def _pkcs1_sha256() -> tuple[Any, Any]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return padding.PKCS1v15(), hashes.SHA256()


class SlowBackend(RecordedBackend):
    """Answers when told to, and knows when it was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__(answers)
        self.asked = threading.Event()
        self.answered = threading.Event()

    def send(self, request: HttpRequest) -> HttpResponse:
        answer = super().send(request)
        self.asked.set()
        assert self.answered.wait(10)
        return answer

    async def send_async(self, request: HttpRequest) -> HttpResponse:
        return await asyncio.to_thread(self.send, request)


def slow_keys() -> tuple[JwksKeys, SlowBackend]:
    backend = SlowBackend({JWKS: {"status": 200, "body": {"keys": [OLD.jwk]}}})
    return JwksKeys(HttpRequest("GET", "https://x.example/jwks"), backend), backend


def test_threads_that_wait_share_one_fetch() -> None:
    keys, backend = slow_keys()
    with ThreadPoolExecutor(20) as threads:
        waiting = [threads.submit(lambda: run(keys.find("ins_1"))) for _ in range(20)]
        assert backend.asked.wait(10)
        backend.answered.set()
        found = {id(one.result(10)) for one in waiting}
    assert len(found) == 1
    assert len(backend.requests) == 1


async def test_tasks_that_wait_share_one_fetch() -> None:
    keys, backend = slow_keys()
    waiting = [asyncio.create_task(run_async(keys.find("ins_1"))) for _ in range(500)]
    await asyncio.to_thread(backend.asked.wait, 10)
    backend.answered.set()
    assert len({id(key) for key in await asyncio.gather(*waiting)}) == 1
    assert len(backend.requests) == 1


async def test_a_cancelled_waiter_does_not_take_the_fetch_from_the_others() -> None:
    keys, backend = slow_keys()
    leader = asyncio.create_task(run_async(keys.find("ins_1")))
    await asyncio.to_thread(backend.asked.wait, 10)
    follower = asyncio.create_task(run_async(keys.find("ins_1")))
    second = asyncio.create_task(run_async(keys.find("ins_1")))
    await asyncio.sleep(0)
    leader.cancel()
    second.cancel()
    backend.answered.set()
    assert await follower
    assert len(backend.requests) == 1
    assert leader.cancelled()


async def test_blocking_code_on_the_event_loop_does_not_wait_for_itself() -> None:
    keys, backend = slow_keys()
    waiting = asyncio.create_task(run_async(keys.find("ins_1")))
    await asyncio.to_thread(backend.asked.wait, 10)
    backend.answered.set()
    assert run(keys.find("ins_1"))  # a deadlock, if it waited for the task of its own loop
    assert await waiting


def test_who_comes_late_does_not_repeat_a_fetch_that_came_back_meanwhile() -> None:
    keys = KeySet(OLD.jwk)
    late = keys.keys.find("ins_1")
    question = next(late)  # has seen that a fetch is needed, and is then overtaken
    keys.find()
    question.ask()
    with pytest.raises(StopIteration) as done:
        late.send(None)
    assert done.value.value is keys.find()
    assert keys.fetches == 1
