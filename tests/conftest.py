"""Loads the fixtures and reports of `tests/support/` for every test."""

pytest_plugins = ["tests.support.conformance_plugin"]
