"""The fixtures, in test suites of apps."""

import json
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

_PLUGIN = ("-p", "greffier.testing.pytest_plugin", "-p", "no:cacheprovider")
_APP_TESTS = """
    import os
    import pytest
    from greffier.sdk.tokens.jwt import decode_jwt

    @pytest.fixture(scope="session")
    def greffier_settings():
        return {"session": {"token_lifetime": 90}}

    def test_one(greffier, greffier_server):
        assert greffier is greffier_server
        session = greffier.sign_in(greffier.create_user(email_address="ada@example.com"))
        greffier.clock.advance(hours=1)
        claims = decode_jwt(session.token()).claims
        assert claims["exp"] - claims["iat"] == 90

    def test_two(greffier):
        import time
        assert greffier.backend_api("GET", "/v1/users") == []
        assert abs(greffier.clock() - time.time()) < 60

    def test_three(greffier_environment, greffier):
        import urllib.request
        assert os.environ["GREFFIER_PUBLISHABLE_KEY"] == greffier.publishable_key
        with urllib.request.urlopen(os.environ["GREFFIER_API_URL"] + "/v1/health") as answer:
            assert answer.status == 200

    def test_four():
        assert "GREFFIER_API_URL" not in os.environ
"""


@pytest.fixture(autouse=True)
def no_other_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of this repository take their time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_each_test_finds_the_server_as_it_started(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(_APP_TESTS)
    pytester.runpytest_subprocess(*_PLUGIN).assert_outcomes(passed=4)


def test_workers_of_xdist_have_a_server_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pathlib, pytest

        @pytest.mark.parametrize("number", range(6))
        def test_alone(greffier, number):
            greffier.create_user(email_address="ada@example.com")
            (user,) = greffier.backend_api("GET", "/v1/users")
            with open(pathlib.Path(__file__).parent / "keys.txt", "a") as keys:
                keys.write(greffier.publishable_key + "\\n")
        """
    )
    pytester.runpytest_subprocess(*_PLUGIN, "-p", "xdist", "-n", "2").assert_outcomes(passed=6)
    keys = (pytester.path / "keys.txt").read_text().split()
    assert len(keys) == 6
    assert len(set(keys)) == 2


def test_suites_that_do_not_use_it_pay_nothing() -> None:
    script = (
        "import sys, json, pytest\n"
        "before = set(sys.modules)\n"
        "import greffier.testing.pytest_plugin\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    output = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in json.loads(output.stdout) if name.partition(".")[0] != "__future__"}
    assert loaded == {"greffier", "greffier.testing", "greffier.testing.pytest_plugin"}
