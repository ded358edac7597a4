"""Each provider's file reads the answers of its provider, whatever is missing or of a wrong type in them."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from copy import deepcopy
from importlib import import_module
from pathlib import Path as File
from typing import Any, get_args

import msgspec
import pytest

from greffier.server.strategies import oauth_providers
from greffier.server.strategies.oauth_providers import providers
from greffier.server.strategies.oauth_providers.provider import Answers, Profile
from tests.server.strategies.oauth.recorded_answers import PLAIN, Recorded
from tests.server.strategies.oauth.recorded_id_tokens import OPENID

PUBLISHED = {
    *("apple", "atlassian", "bitbucket", "box", "coinbase", "discord", "dropbox", "facebook", "github"),
    *("gitlab", "google", "hubspot", "huggingface", "line", "linear", "linkedin_oidc", "microsoft"),
    *("notion", "slack", "spotify", "tiktok", "twitch", "vercel", "x", "xero"),
}
"""Keys that the browser SDK knows, without the providers whose service has ended or is not documented."""

GUIDE = File(__file__).parents[4] / "docs" / "guides" / "social-sign-in.md"

RECORDED = {**PLAIN, **OPENID}
PROVED = sorted(key for key, recorded in RECORDED.items() if recorded.proof is not None)
MODULES = [
    module
    for found in pkgutil.iter_modules(oauth_providers.__path__)
    if hasattr(module := import_module(f"{oauth_providers.__name__}.{found.name}"), "PROVIDER")
]

WRONG: tuple[Any, ...] = (None, "", [], {}, [None], {"id": []}, 7, 0.5, True)
NO_PROOF: tuple[Any, ...] = (None, False, "false", "no", "", 0, [], ["true"], {"true": True})

Path = tuple[str | int, ...]


def read(key: str, answers: dict[str, Any]) -> Profile:
    return providers()[key].read(Answers(**answers))


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Of every value inside of this one."""
    inner: Any = ()
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for name, part in inner:
        yield (*path, name)
        yield from paths(part, (*path, name))


def at(value: Any, path: Path) -> Any:
    for name in path:
        value = value[name]
    return value


def replaced(answers: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = deepcopy(answers)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def changes(recorded: Recorded) -> Iterator[tuple[Path, Any, dict[str, Any]]]:
    """The answers with one value, at any depth, of another type or absent."""
    for path in paths(recorded.answers):
        if len(path) < 2 or path[0] == "form":
            continue  # The engine makes sure of objects, and forms have text alone.
        for value in WRONG:
            yield path, value, replaced(recorded.answers, path, value)
        missing = deepcopy(recorded.answers)
        del at(missing, path[:-1])[path[-1]]
        yield path, "absent", missing


def assert_well_formed(profile: Profile) -> None:
    assert isinstance(profile.id, str)
    assert profile.id
    assert isinstance(profile.email_verified, bool)
    for field in ("email_address", "first_name", "last_name", "username", "image_url"):
        value = getattr(profile, field)
        assert value is None or (isinstance(value, str) and value), field


def test_every_published_provider_has_a_file_and_a_recorded_answer() -> None:
    assert providers().keys() >= PUBLISHED
    assert RECORDED.keys() == {module.PROVIDER.key for module in MODULES}


def test_files_are_called_by_the_key_of_their_provider() -> None:
    assert [module.PROVIDER.key for module in MODULES] == [
        module.__name__.rpartition(".")[2] for module in MODULES
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.PROVIDER.key)
def test_every_url_of_a_provider_is_https_and_its_file_names_the_page_it_was_read_from(module: Any) -> None:
    provider = module.PROVIDER
    urls = [getattr(provider, name) for name in provider.__struct_fields__ if name.endswith("_url")]
    urls += [provider.issuer, *provider.more_urls]

    assert {url for url in urls if url is not None and not url.startswith("https://")} == set()
    assert "https://" in (module.__doc__ or "")
    assert provider.name


@pytest.mark.parametrize("key", sorted(RECORDED))
def test_endpoints_are_named_or_discovered(key: str) -> None:
    provider = providers()[key]
    discovered = provider.issuer is not None

    assert discovered or (provider.authorization_url and provider.token_url)
    if provider.gives_id_token:
        assert provider.issuer or provider.issuer_pattern
        assert discovered or provider.jwks_url
        assert "openid" in provider.scopes or key == "apple"
        assert provider.id_token_by_secret == (provider.id_token_algorithms == ("HS256",))
    else:
        assert provider.profile_url or key == "notion"


@pytest.mark.parametrize("key", sorted(RECORDED))
def test_values_of_a_provider_have_the_types_of_their_fields(key: str) -> None:
    provider = providers()[key]
    choices = {field.name: get_args(field.type) for field in msgspec.structs.fields(provider)}

    assert provider.client_authentication in choices["client_authentication"]
    assert provider.profile_method in choices["profile_method"]
    for name in ("scopes", "more_urls", "id_token_algorithms"):
        assert isinstance(getattr(provider, name), tuple), name


@pytest.mark.parametrize("key", ["vercel", "x"])
def test_pkce_is_used_where_it_is_required(key: str) -> None:
    assert providers()[key].pkce


@pytest.mark.parametrize("key", sorted(RECORDED))
def test_the_recorded_answer_is_read_into_the_profile(key: str) -> None:
    assert read(key, RECORDED[key].answers) == RECORDED[key].profile


@pytest.mark.parametrize("key", sorted(RECORDED))
def test_values_of_a_wrong_type_count_as_absent_and_without_an_id_there_is_no_user(key: str) -> None:
    expected = RECORDED[key].profile
    for path, value, answers in changes(RECORDED[key]):
        about_id = expected.id in str(at(RECORDED[key].answers, path))
        try:
            profile = read(key, answers)
        except (KeyError, TypeError, ValueError):
            assert about_id, (path, value)
            continue

        assert_well_formed(profile)
        assert about_id or profile.id == expected.id, (path, value)
        if profile.email_verified:
            assert (profile.email_address, True) == (expected.email_address, expected.email_verified), path


@pytest.mark.parametrize("key", sorted(RECORDED))
def test_empty_answers_describe_no_user(key: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        read(key, {})


@pytest.mark.parametrize("key", PROVED)
def test_an_address_is_unverified_unless_the_provider_says_verified(key: str) -> None:
    recorded = RECORDED[key]
    assert recorded.proof is not None
    assert recorded.profile.email_verified

    for value in NO_PROOF:
        profile = read(key, replaced(recorded.answers, recorded.proof, value))
        if key != "gitlab" or not isinstance(value, str):  # There it is a time, and any text is one.
            assert not profile.email_verified, value
        assert profile.email_address == recorded.profile.email_address


@pytest.mark.parametrize("key", ["bitbucket", "github", "x"])
def test_without_the_request_for_addresses_there_is_none(key: str) -> None:
    profile = read(key, {**RECORDED[key].answers, "more": {}})

    assert (profile.id, profile.email_address) == (RECORDED[key].profile.id, None)
    assert not profile.email_verified


def test_the_guide_says_of_every_provider_what_it_does_not_tell() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| [^|]+ \| ([^|]+) \| ([^|]*)\|$", GUIDE.read_text("utf-8"), re.MULTILINE
    )
    told = {key: (address, besides) for key, address, besides in rows}

    assert told.keys() == RECORDED.keys()
    for key, (address, besides) in told.items():
        profile = RECORDED[key].profile
        kind = "verified" if profile.email_verified else "unverified" if profile.email_address else "none"
        missing = {
            "no name": profile.first_name is None,
            "no username": profile.username is None,
            "no picture": profile.image_url is None,
        }
        assert re.match(r"\w+", address)[0] == kind, key  # pyright: ignore[reportOptionalSubscript]
        assert {words: words in besides for words in missing} == missing, key
