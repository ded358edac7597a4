"""Publishable and secret keys."""

import base64
from typing import Any

import pytest

from greffier.sdk import keys
from greffier.sdk.errors import ConfigurationError, InvalidKey
from tests.sdk.shared_vectors import rows

TABLE = "keys_claims_has.json"


@pytest.mark.parametrize("row", rows(TABLE, "publishable_keys"))
def test_published_publishable_keys_are_read_alike(row: dict[str, Any]) -> None:
    assert keys.is_publishable_key(row["key"]) is row["is_publishable_key"]
    if row["parsed"]:
        decoded = keys.decode_publishable_key(row["key"])
        assert decoded.instance_type == row["parsed"]["instanceType"]
        assert decoded.frontend_api == row["parsed"]["frontendApi"]


@pytest.mark.parametrize("row", rows(TABLE, "cookie_suffix"))
def test_published_cookie_suffixes_are_computed_alike(row: dict[str, Any]) -> None:
    assert keys.cookie_suffix(row["key"]) == row["suffix"]


@pytest.mark.parametrize("row", rows(TABLE, "accounts_base_url"))
def test_published_accounts_urls_are_derived_alike(row: dict[str, Any]) -> None:
    assert keys.accounts_url(row["fapi"]) == row["url"]


@pytest.mark.parametrize("row", rows(TABLE, "api_url"))
def test_published_api_urls_are_derived_alike(row: dict[str, Any]) -> None:
    assert keys.hosted_api_url(row["key"]) == row["api_url"]


@pytest.mark.parametrize(
    ("host", "api_url"),
    [
        ("clerk.example.com", "https://api.clerk.com"),
        ("amber-ant-10.clerk.accounts.dev", "https://api.clerk.com"),
        ("amber-ant-10.clerk.accountsstage.dev", "https://api.clerkstage.dev"),
        ("amber-ant-10.clerk.accounts.lclclerk.com", "https://api.lclclerk.com"),
        ("clerk.amber.ant-10.lclclerk.com", "https://api.clerk.com"),
    ],
)
def test_hosted_keys_lead_to_the_api_of_their_environment(host: str, api_url: str) -> None:
    assert keys.hosted_api_url(keys.encode_publishable_key(host)) == api_url


def test_a_host_becomes_the_documented_key_and_back() -> None:
    key = keys.encode_publishable_key("clerk.example.com")
    assert key == "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"
    assert keys.decode_publishable_key(key).frontend_api == "clerk.example.com"


@pytest.mark.parametrize(
    "host", ["clerk.example.com", "clerk.a.dev", "clerk.ab.dev", "clerk.calm-otter-7.localhost:8443"]
)
@pytest.mark.parametrize("live", [True, False])
def test_padded_and_unpadded_keys_name_the_same_host(host: str, live: bool) -> None:
    prefix = "pk_live_" if live else "pk_test_"
    padded = prefix + base64.b64encode(f"{host}$".encode()).decode()
    assert keys.decode_publishable_key(padded).frontend_api == host
    assert keys.decode_publishable_key(padded.rstrip("=")).frontend_api == host
    assert keys.encode_publishable_key(host, live=live) == padded.rstrip("=")


def test_padding_is_whole_or_absent() -> None:
    assert not keys.is_publishable_key("pk_test_YS5iYyQ=="), "one sign too many"
    assert not keys.is_publishable_key("pk_test_YS5iJA="), "one sign of two"
    assert not keys.is_publishable_key("pk_live_ZXhhbXBsZS5jb20k="), "one sign of none"
    assert keys.is_publishable_key("pk_test_YS5iJA==")


def test_decoding_a_key_needs_no_network(no_network: None) -> None:
    key = keys.decode_publishable_key("pk_live_Y2xlcmsuZXhhbXBsZS5jb20k")

    assert key.frontend_api == "clerk.example.com"
    assert keys.frontend_api_host(key) == "clerk.example.com"
    assert keys.accounts_url(key.frontend_api) == "https://accounts.example.com"


@pytest.mark.parametrize("host", ["clerk.example.com", "clerk.a.dev", "clerk.ab.dev"])
def test_a_key_cut_anywhere_is_refused(host: str) -> None:
    key = keys.encode_publishable_key(host)
    for length in range(len(key)):
        assert not keys.is_publishable_key(key[:length]), key[:length]


@pytest.mark.parametrize(
    "decoded",
    [
        *("clerk.example.com", "clerk.example.com$$", "a$b.example$", "localhost$", "$", ""),
        *("clerk.example.com/x$", "https://clerk.example.com$", "user@clerk.example.com$"),
        *("clerk.exämple.com$", "clerk.example.com $", ".com$"),
    ],
)
def test_a_key_must_hold_one_dotted_host(decoded: str) -> None:
    assert not keys.is_publishable_key("pk_test_" + base64.b64encode(decoded.encode()).decode())


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("sk_test_abcdefgh", "secret key"),
        ("ak_abcdefgh", "machine token"),
        ("clerk.example.com", "host"),
        ("https://clerk.example.com", "host"),
        ("", "empty"),
        ("pk_test_Y2xlcmsuZXhhbXBsZS5jb20", "cut off"),
        ("pk_prod_x", "pk_test_"),
        ("pk_test_***", "base64"),
    ],
)
def test_the_error_names_the_mistake(mistake: str, words: str) -> None:
    with pytest.raises(InvalidKey, match=words):
        keys.decode_publishable_key(mistake)


def test_the_error_never_repeats_a_secret() -> None:
    with pytest.raises(InvalidKey) as caught:
        keys.decode_publishable_key("sk_live_verysecret")
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("sk_test_a", "development"),
        ("sk_live_a", "production"),
        ("test_a", "development"),
        ("live_a", "production"),
    ],
)
def test_a_secret_key_says_which_instance_it_is_for(key: str, kind: str) -> None:
    assert keys.secret_key_instance_type(key) == kind


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "publishable key"),
        ("ak_a", "machine"),
        ("", "empty"),
        ("hello", "sk_"),
    ],
)
def test_a_wrong_secret_key_is_named(mistake: str, words: str) -> None:
    with pytest.raises(InvalidKey, match=words):
        keys.secret_key_instance_type(mistake)


def test_keys_of_two_instance_types_do_not_go_together() -> None:
    with pytest.raises(ConfigurationError, match="same instance"):
        keys.check_keys_match("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_live_a")
    keys.check_keys_match("pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", "sk_live_a")


@pytest.mark.parametrize(
    "host", ["https://clerk.example.com", "clerk.example.com/", "localhost", "a b.c", "a$.com", ""]
)
def test_a_host_that_could_not_be_read_back_is_not_encoded(host: str) -> None:
    with pytest.raises(InvalidKey):
        keys.encode_publishable_key(host)


LIVE, TEST = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k", "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k"


def test_the_frontend_api_is_always_https_on_the_host_of_the_key() -> None:
    assert keys.frontend_api_url(TEST) == "https://clerk.example.com"


def test_a_proxy_url_stands_in_for_the_host_of_the_key() -> None:
    assert (
        keys.frontend_api_url(LIVE, proxy_url="https://app.example/__clerk/") == "https://app.example/__clerk"
    )


def test_only_a_production_satellite_uses_its_own_domain() -> None:
    def url(key: str, *, satellite: bool) -> str:
        return keys.frontend_api_url(key, domain="sat.example", is_satellite=satellite)

    assert url(LIVE, satellite=True) == "https://clerk.sat.example"
    assert url(TEST, satellite=True) == "https://clerk.example.com"
    assert url(LIVE, satellite=False) == "https://clerk.example.com"


def test_a_relative_proxy_url_needs_a_request_to_resolve_it() -> None:
    with pytest.raises(InvalidKey, match="absolute"):
        keys.frontend_api_url(LIVE, proxy_url="/__clerk")
