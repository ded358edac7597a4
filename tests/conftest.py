"""Loads the fixtures and reports of `tests/support/` for every test."""

pytest_plugins = [
    "tests.support.chromium",
    "tests.support.conformance_plugin",
    "tests.support.databases",
    "tests.support.server",
    "tests.support.processes",
    "tests.support.redis_servers",
    "tests.support.node",
    "tests.support.smtp",
    "tests.support.organizations",
]
