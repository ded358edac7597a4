"""Webhook signatures: only what the instance sent, now, to this endpoint, is an event."""

from __future__ import annotations

import pytest

from greffier import ConfigurationError, WebhookVerificationError, verify_webhook
from greffier.sdk.webhooks import sign_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = '{"type": "user.created", "data": {"id": "user_1"}}'
NOW = 1_764_000_000


def headers(body: str = BODY, *, secret: str = SECRET, timestamp: int = NOW) -> dict[str, str]:
    return sign_webhook(body, secret=secret, identifier="msg_1", timestamp=timestamp)


def verified(body: str = BODY, given: dict[str, str] | None = None, **settings: object) -> object:
    settings = {"secret": SECRET, "clock": lambda: NOW, **settings}
    return verify_webhook(body.encode(), headers() if given is None else given, **settings)  # type: ignore[arg-type]


def test_published_example_is_good() -> None:
    given = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": "1614265330",
        "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    assert verified('{"test": 2432232314}', given, clock=lambda: 1614265330) == {"test": 2432232314}


def test_signed_event_is_decoded() -> None:
    assert verified() == {"type": "user.created", "data": {"id": "user_1"}}


def test_headers_are_found_by_both_names_and_in_any_case() -> None:
    standard = {name.replace("svix", "Webhook").title(): value for name, value in headers().items()}

    assert verified(given=standard)


def test_one_of_several_signatures_and_secrets_is_enough() -> None:
    both = headers() | {"svix-signature": f"v1,AAAA v2,x {headers()['svix-signature']}"}

    assert verified(given=both)
    assert verified(given=headers(secret=OTHER), secret=[SECRET, OTHER])


@pytest.mark.parametrize("change", [" ", "\n", "x"])
def test_changed_body_is_refused(change: str) -> None:
    with pytest.raises(WebhookVerificationError, match="fits"):
        verified(BODY + change)


def test_secret_of_another_endpoint_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="fits"):
        verified(secret=OTHER)


@pytest.mark.parametrize("name", ["svix-id", "svix-timestamp"])
def test_id_and_time_are_signed_too(name: str) -> None:
    with pytest.raises(WebhookVerificationError, match="fits"):
        verified(given=headers() | {name: str(NOW + 1)})


@pytest.mark.parametrize("seconds", [-301, 301])
def test_recorded_event_cannot_be_sent_again_later(seconds: int) -> None:
    with pytest.raises(WebhookVerificationError, match="too long ago"):
        verified(clock=lambda: NOW + seconds)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "1764000000.0", "9" * 40, "\u0661"])
def test_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    with pytest.raises(WebhookVerificationError):
        verified(given=headers() | {"svix-timestamp": timestamp})


@pytest.mark.parametrize("signature", ["", "v1,", "v1,!!!", "v2,AAAA", "AAAA", "v1a,AAAA"])
def test_signature_that_is_none_is_refused(signature: str) -> None:
    with pytest.raises(WebhookVerificationError):
        verified(given=headers() | {"svix-signature": signature})


def test_unsigned_request_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="missing"):
        verified(given={"content-type": "application/json"})


def test_signed_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(WebhookVerificationError, match="not JSON"):
        verified("<xml/>", headers("<xml/>"))


@pytest.mark.parametrize("secret", ["", "whsec_", "sk_live_x!", []])
def test_secret_that_cannot_be_one_is_a_mistake_of_the_settings(secret: object) -> None:
    with pytest.raises(ConfigurationError, match="whsec_"):
        verified(secret=secret)


def test_errors_do_not_repeat_the_secret() -> None:
    with pytest.raises(ConfigurationError) as caught:
        verified(secret="whsec_secret!")

    assert "secret!" not in str(caught.value)
