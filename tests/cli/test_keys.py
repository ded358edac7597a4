"""`greffier keys`: what works, and rotation with an overlap."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from hashlib import sha256

from tests.cli.commands import Installation

HOUR = 3_600_000


def test_secret_keys_are_listed_by_their_end_alone(installation: Installation) -> None:
    keys = installation.json("keys", "list")

    assert [key["last_four"] for key in keys["secret_keys"]] == ["stuv"]
    assert [key["signs"] for key in keys["signing_keys"]] == [True]
    assert "sk_live" not in installation.done("keys", "list")


def test_rotated_secret_key_works_until_the_overlap_ends(installation: Installation) -> None:
    new = installation.json("keys", "rotate", "secret", "--overlap", "2")["secret_key"]

    former, latest = installation.json("keys", "list")["secret_keys"]

    assert former["expire_at"] - latest["created_at"] == 2 * HOUR
    assert latest == {"last_four": new[-4:], "created_at": latest["created_at"], "expire_at": None}


def test_rotation_without_overlap_ends_the_former_key_at_once(installation: Installation) -> None:
    new = installation.json("keys", "rotate", "secret", "--overlap", "0")["secret_key"]

    assert [key["last_four"] for key in installation.json("keys", "list")["secret_keys"]] == [new[-4:]]


def test_secret_key_is_unguessable_and_stored_as_its_hash_alone(installation: Installation) -> None:
    made = [installation.json("keys", "rotate", "secret")["secret_key"] for _ in range(2)]

    stored = b"".join(file.read_bytes() for file in installation.data.glob("greffier.db*"))
    for key in made:
        random = key.removeprefix("sk_live_")
        assert len(urlsafe_b64decode(random + "=")) == 32  # 256 bits
        assert random.encode() not in stored
        assert sha256(key.encode()).hexdigest().encode() in stored
    assert made[0] != made[1]


def test_second_rotation_does_not_give_an_old_key_more_time(installation: Installation) -> None:
    installation.done("keys", "rotate", "secret", "--overlap", "1")
    before = installation.json("keys", "list")["secret_keys"][0]["expire_at"]
    installation.done("keys", "rotate", "secret", "--overlap", "48")

    assert installation.json("keys", "list")["secret_keys"][0]["expire_at"] == before


def test_new_signing_key_is_published_before_it_signs(installation: Installation) -> None:
    new = installation.json("keys", "rotate", "signing")

    latest, former = installation.json("keys", "list")["signing_keys"]

    assert latest["kid"] == new["kid"] != former["kid"]
    assert latest["sign_from"] > latest["created_at"]
    assert (latest["signs"], former["signs"]) == (False, True)


def test_signing_key_stays_published_for_as_long_as_its_tokens_live(installation: Installation) -> None:
    installation.done("config", "apply", "--file", "-", stdin="session.token_lifetime = 86400")
    new = installation.json("keys", "rotate", "signing", "--overlap", "0")

    former = installation.json("keys", "list")["signing_keys"][1]

    assert former["publish_until"] >= new["sign_from"] + 24 * HOUR
