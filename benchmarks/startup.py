"""Time from `greffier dev` to its first 200."""

from __future__ import annotations

import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.serving import serving


def main() -> None:
    print("from `greffier dev` to the first 200 (goal: at most 2 s)")
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder:
        for name in ("first start, makes the database", "second start", "third start"):
            began = time.perf_counter()
            with serving(Path(folder)) as server:
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}/v1/health").read()
                print(f"{name:34}{time.perf_counter() - began:6.2f} s{server.resident_megabytes():8.0f} MB")


if __name__ == "__main__":
    main()
