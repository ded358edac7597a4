"""Every error text of the SDK is explained in docs/reference/troubleshooting.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.error_texts import texts_of_calls

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


def texts() -> Iterator[str]:
    for files in (
        SDK.glob("*.py"),
        (SDK / "sdk").rglob("*.py"),
        (SDK / "django").rglob("*.py"),
        (SDK / "subscriptions").rglob("*.py"),
    ):
        yield from texts_of_calls(sorted(files), RAISERS, at_most=2)


@pytest.mark.parametrize("text", sorted(set(texts())))
def test_error_text_is_explained(text: str) -> None:
    page = re.findall(r"`([^`\n]{9,})`", (ROOT / "docs" / "reference" / "troubleshooting.md").read_text())
    said = re.sub(r"\{\}|%[-.0-9]*[srdf]", "", text).strip(" :.,()")
    assert len(said) < 8 or any(told in text for told in page), text
