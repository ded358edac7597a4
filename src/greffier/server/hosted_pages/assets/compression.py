"""Compressed copies of browser files, made once when a package is installed: `clerk.browser.js.br` and `.gz`
beside `clerk.browser.js`. Brotli comes from Node.js, which is there because npm is."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Content codings (RFC 9110 section 8.4.1) and the ends of their files, the smaller first."""

_SUFFIXES = {".js", ".mjs", ".cjs", ".css", ".svg", ".json"}
_MIN_BYTES = 1024
"""Bytes; below, compression saves no packet."""
_SECONDS = 300
_BROTLI = """
const { readFileSync, writeFileSync, renameSync } = require("node:fs");
const { brotliCompress, constants } = require("node:zlib");
// Half the time of the best quality, for one percent more.
const params = { [constants.BROTLI_PARAM_QUALITY]: 10 };
for (const path of JSON.parse(readFileSync(0, "utf8"))) {
  brotliCompress(readFileSync(path), { params }, (error, data) => {
    if (error) throw error;
    writeFileSync(`${path}.br~`, data);
    renameSync(`${path}.br~`, `${path}.br`);
  });
}
"""


def compress(folder: Path) -> None:
    """Write the copies that are missing below a package's folder. Without Node.js there is gzip alone."""
    files = [path for path in folder.rglob("*") if _is_compressible(path)]
    for path in files:
        copy = path.with_name(f"{path.name}.gz")
        if not copy.exists():
            scratch = path.with_name(f"{path.name}.gz~")
            scratch.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
            scratch.replace(copy)
    missing = [str(path) for path in files if not path.with_name(f"{path.name}.br").exists()]
    node = shutil.which("node")
    if missing and node is not None:
        subprocess.run(  # noqa: S603 - the script is ours, and paths are data
            [node, "-e", _BROTLI], input=json.dumps(missing), text=True, check=True, timeout=_SECONDS
        )


def _is_compressible(path: Path) -> bool:
    return path.suffix in _SUFFIXES and path.is_file() and path.stat().st_size >= _MIN_BYTES


def accepted(accept_encoding: str) -> list[str]:
    """The codings that a request takes (RFC 9110 section 12.5.3), the smaller first."""
    taken: set[str] = set()
    for part in accept_encoding.lower().split(","):
        name, _, parameters = part.strip().partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            taken.add(name.strip())
    return [coding for coding in ENCODINGS if coding in taken]
