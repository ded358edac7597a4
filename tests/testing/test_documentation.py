"""The examples of docs/guides/testing.md work as they stand."""

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "guides" / "testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE, re.DOTALL))


def test_every_example_is_a_file_of_its_own() -> None:
    assert len(FILES) == PAGE.count("```python\n")


def test_the_examples_pass_as_tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name, text in FILES.items():
        (pytester.path / name).write_text(text, encoding="utf-8")
    pytester.makepyprojecttoml("[tool.pytest.ini_options]\npythonpath = ['.']\n")
    plugins = ("-p", "greffier.testing.pytest_plugin", "-p", "pytest_asyncio.plugin")
    count = sum(text.count("def test_") for text in FILES.values())
    pytester.runpytest_subprocess(*plugins).assert_outcomes(passed=count)


@pytest.mark.browser
def test_the_example_with_a_browser_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.services.chromium import launch_options

    options = launch_options()
    text = FILES["browser_example.py"].replace("launch()", f"launch(**{options!r})")
    assert text != FILES["browser_example.py"]
    (pytester.path / "app.py").write_text(FILES["app.py"], encoding="utf-8")
    script = pytester.makepyfile(browser_example=text)
    assert pytester.runpython(script).ret == 0
