"""Whether response times reveal accounts despite enumeration protection: 1,000 samples with an account
and as many without one.

The figure is how often, of two random samples, the one with an account took longer: 0.5 tells nothing.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from benchmarks.population import populate
from benchmarks.serving import CLIENT_CORE, serving

SAMPLES = 1000
_PATH = "/v1/client/sign_ins?__clerk_api_version=2026-05-12"

Ask = Callable[[http.client.HTTPConnection, str], float]


def _post(
    connection: http.client.HTTPConnection, path: str, cookie: str = "", **form: str
) -> tuple[float, str, bytes]:
    """Seconds, the client's cookie and the body."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://localhost:3000"}
    began = time.perf_counter()
    connection.request("POST", path, urlencode(form), headers | {"Cookie": cookie})
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - began
    cookies = response.headers.get_all("Set-Cookie") or []
    return seconds, next((c.partition(";")[0] for c in cookies if c.startswith("__client=")), ""), body


def begin(connection: http.client.HTTPConnection, address: str) -> float:
    return _post(connection, _PATH, identifier=address)[0]


def wrong_password(connection: http.client.HTTPConnection, address: str) -> float:
    return _post(connection, _PATH, identifier=address, password="not the password")[0]


def send_code(connection: http.client.HTTPConnection, address: str) -> float:
    return _post(connection, _PATH, identifier=address, strategy="email_code")[0]


def wrong_code(connection: http.client.HTTPConnection, address: str) -> float:
    _, cookie, body = _post(connection, _PATH, identifier=address, strategy="email_code")
    sign_in: str = json.loads(body)["response"]["id"]
    path = _PATH.replace("?", f"/{sign_in}/attempt_first_factor?")
    seconds, _, body = _post(connection, path, cookie, strategy="email_code", code="wrong")
    if b"form_code_incorrect" not in body:
        raise RuntimeError(body.decode())
    return seconds


def sign_up(connection: http.client.HTTPConnection, address: str) -> float:
    path = _PATH.replace("sign_ins", "sign_ups")
    return _post(connection, path, email_address=address, strategy="email_code")[0]


def _prepare(data: Path) -> list[str]:
    """Addresses with an account, whose mail is queued as usual; protection is on."""
    people = populate(data, 4 * SAMPLES, known=SAMPLES)
    with closing(sqlite3.connect(data / "greffier.db")) as database, database:
        database.execute(
            "UPDATE identifications SET value = replace(value, '+clerk_test', ''),"
            " canonical = replace(canonical, '+clerk_test', '')"
        )
        settings = json.loads(database.execute("SELECT settings FROM instances").fetchone()[0])
        settings["attack_protection"] = {"enumeration_protection": True}
        database.execute("UPDATE instances SET settings = ?", (json.dumps(settings),))
    return [who.email_address.replace("+clerk_test", "") for who in people]


def _longer(known: list[float], unknown: list[float]) -> float:
    """Mann and Whitney's statistic: the share of pairs in which the known one took longer."""
    ranked = sorted([(seconds, True) for seconds in known] + [(seconds, False) for seconds in unknown])
    ranks = sum(rank for rank, (_, is_known) in enumerate(ranked, 1) if is_known)
    return (ranks - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown))


def _milliseconds(samples: list[float]) -> str:
    quantiles = statistics.quantiles(samples, n=20)
    return f"{statistics.median(samples) * 1000:8.2f}{quantiles[18] * 1000:8.2f}"


def _measure(name: str, ask: Ask, port: int, addresses: list[str]) -> None:
    connection = http.client.HTTPConnection("localhost", port)
    taken: dict[bool, list[float]] = {True: [], False: []}
    questions = [(address, True) for address in addresses]
    questions += [(address.replace("user", "nobo"), False) for address in addresses]
    random.shuffle(questions)
    for address, known in questions:
        taken[known].append(ask(connection, address))
    connection.close()
    longer = _longer(taken[True], taken[False])
    print(f"{name:24}{_milliseconds(taken[True])}   {_milliseconds(taken[False])}{longer:12.3f}")


def main() -> None:
    os.sched_setaffinity(0, {CLIENT_CORE})
    os.environ["GREFFIER_RATE_LIMIT_SCALE"] = "1000"
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder:
        addresses = _prepare(Path(folder))
        with serving(Path(folder)) as server:
            print(f"Enumeration protection, SQLite, {SAMPLES:,} samples with and as many without an account")
            print(f"{'milliseconds':24}{'known':>8}{'p95':>8}   {'unknown':>8}{'p95':>8}{'longer':>12}")
            for name, ask in (
                ("begin", begin),
                ("wrong password", wrong_password),
                ("send a code", send_code),
                ("wrong code", wrong_code),
                ("sign up with a code", sign_up),
            ):
                _measure(name, ask, server.port, addresses)
    print(f"{'':24}(goal: 0.5, and at most 0.1 ms between the medians)")


if __name__ == "__main__":
    main()
