"""What one core can sign: the yardstick of the token operation."""

from __future__ import annotations

import multiprocessing
import os
import time


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


def rsa_signatures_per_second(core: int, seconds: float = 3.0) -> float:
    """Bare RSA-2048 signatures a second of one core, with `cryptography`."""
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=_signatures_per_second, args=(core, seconds, answer))
    process.start()
    result = answer.get()
    process.join()
    return result
