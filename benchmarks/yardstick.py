"""Cryptographic operations per second on one core: the yardsticks of token requests and sign-ins."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable


def _signatures_per_second(core: int, seconds: float, answer: multiprocessing.SimpleQueue[float]) -> None:
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    os.sched_setaffinity(0, {core})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    scheme, digest, message = padding.PKCS1v15(), SHA256(), b"x" * 450
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for _ in range(50):
            key.sign(message, scheme, digest)
        count += 50
    answer.put(count / (time.perf_counter() - began))


def _verifications_per_second(core: int, seconds: float, answer: multiprocessing.SimpleQueue[float]) -> None:
    from greffier.server.crypto.passwords import argon2id

    os.sched_setaffinity(0, {core})
    hasher = argon2id()
    digest = hasher.hash("correct horse battery staple")
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        hasher.verify(digest, "correct horse battery staple")
        count += 1
    answer.put(count / (time.perf_counter() - began))


def rsa_signatures_per_second(core: int, seconds: float = 3.0) -> float:
    """Bare RSA-2048 signatures a second of one core, with `cryptography`."""
    return _measured(_signatures_per_second, core, seconds)


def argon2id_verifications_per_second(core: int, seconds: float = 3.0) -> float:
    """Bare argon2id verifications a second of one core, with the server's parameters."""
    return _measured(_verifications_per_second, core, seconds)


def _measured(work: Callable[..., None], core: int, seconds: float) -> float:
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=work, args=(core, seconds, answer))
    process.start()
    result = answer.get()
    process.join()
    return result
