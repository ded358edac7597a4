"""Time that a test waits for its server and for a signed-in user."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

_PROCESSES = 7
_GOAL_MS = 300

_SCRIPT = """
import json, time
times = {}
def lap(name, work):
    began = time.perf_counter()
    result = work()
    times.setdefault(name, (time.perf_counter() - began) * 1000)
    return result
def load():
    from greffier.testing.server import TestServer
    return TestServer
TestServer = lap("import", load)
server = lap("ready, first in its process (makes an RSA key)", lambda: TestServer().start())
lap("ready, another one", lambda: TestServer().start()).stop()
user = lap("create_user", lambda: server.create_user(email_address="ada@example.com"))
session = lap("sign_in", lambda: server.sign_in(user))
lap("session.cookies", session.cookies)
lap("session.token", session.token)
lap("reset", server.reset)
server.stop()
print(json.dumps(times))
"""


def main() -> None:
    print(f"test server: median and worst of {_PROCESSES} processes, in ms (goal: ready in {_GOAL_MS})")
    runs: list[dict[str, float]] = []
    for _ in range(_PROCESSES):
        output = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
        runs.append(json.loads(output.stdout))
    for name in runs[0]:
        times = [run[name] for run in runs]
        print(f"{name:48}{statistics.median(times):8.1f}{max(times):8.1f}")


if __name__ == "__main__":
    main()
