"""Every error text of the SDK is explained in docs/troubleshooting.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SDK = ROOT / "src" / "greffier"
#: What raises or logs; the exceptions of `greffier.sdk.errors`, and shorthands for them.
RAISERS = {
    "ConfigurationError",
    "InvalidKey",
    "StartRefused",
    "TokenVerificationError",
    "HandshakeError",
    "WebhookVerificationError",
    "BackendApiUnreachable",
    "_refuse",
    "_fail",
    "log_rarely",
    "warning",
    "error",
}


def text_of(node: ast.expr) -> str | None:
    """A text with `{}` for what is not known beforehand; None for what is none, or only a word."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value.strip() else None
    if isinstance(node, ast.JoinedStr):
        parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
        return "".join(parts) if " " in "".join(parts) else None
    return None


def texts() -> Iterator[str]:
    for folder in (SDK, SDK / "sdk", SDK / "django"):
        for path in sorted(folder.glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    found = [text_of(one) for one in node.args] if name in RAISERS else []
                    yield from (one for one in found[:2] if one)


@pytest.mark.parametrize("text", sorted(set(texts())))
def test_error_text_is_explained(text: str) -> None:
    page = re.findall(r"`([^`\n]{9,})`", (ROOT / "docs" / "troubleshooting.md").read_text())
    said = re.sub(r"\{\}|%[-.0-9]*[srdf]", "", text).strip(" :.,()")
    assert len(said) < 8 or any(told in text for told in page), text
