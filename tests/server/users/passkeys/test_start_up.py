"""Servers without passkeys pay nothing for them."""

from __future__ import annotations

import subprocess
import sys

STARTED = """
import sys
from greffier.server.app import Server, declare_operations
from greffier.server.strategies import installed
declare_operations()
assert "passkey" in installed()[0]
print(sorted({"webauthn", "cbor2", "OpenSSL", "pyasn1"} & set(sys.modules)))
"""


def test_library_is_not_imported_when_a_server_starts() -> None:
    answer = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
