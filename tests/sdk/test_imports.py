"""Imports load nothing before its use."""

import subprocess
import sys

import pytest

import greffier
from tests.sdk.instances import production

#: Everything third-party that the SDK or an adapter may come to use.
FOREIGN = (
    "cryptography",
    "starlette",
    "fastapi",
    "pydantic",
    "httpx",
    "msgspec",
    "sqlalchemy",
    "jwt",
    "anyio",
)


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running the code."""
    script = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    output = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return set(output.stdout.split())


def foreign(modules: set[str]) -> set[str]:
    own = {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)
    return own - {"greffier"}


def test_importing_greffier_loads_no_third_party_package() -> None:
    modules = modules_after("import greffier")
    assert {name for name in modules if name.startswith("greffier")} == {"greffier"}
    assert foreign(modules) == set()


def test_the_light_sdk_loads_the_standard_library_alone() -> None:
    modules = modules_after("import greffier\nfor name in greffier.__all__: getattr(greffier, name)")
    assert foreign(modules) == set()


LIGHT = ("asgi", "wsgi", "asgi_context", "wsgi_context", "proxy", "sdk.keys")


@pytest.mark.parametrize("module", [f"greffier.{name}" for name in LIGHT])
def test_the_asgi_adapter_and_the_keys_load_the_standard_library_alone(module: str) -> None:
    assert foreign(modules_after(f"import {module}")) == set()


def test_cryptography_waits_for_the_first_verification() -> None:
    instance = production()
    code = (
        "from greffier.asgi import AuthMiddleware\n"
        f"AuthMiddleware(None, publishable_key={instance.publishable_key!r}, jwt_key={instance.pem!r})"
    )
    assert foreign(modules_after(code)) == set()
    verified = modules_after(
        "import greffier\n"
        f"try: greffier.verify_token({instance.token()!r}, jwt_key={instance.pem!r})\n"
        "except greffier.TokenVerificationError as error: assert error.reason == 'token-expired'"
    )
    assert "cryptography" in foreign(verified)


def test_every_public_name_is_there_and_no_other() -> None:
    assert all(getattr(greffier, name) for name in greffier.__all__)
    assert dir(greffier) == sorted(greffier.__all__)
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = greffier.nothing_like_this  # type: ignore[attr-defined]
