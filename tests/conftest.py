"""Loads the fixtures and reports of `tests/support/` for every test."""

pytest_plugins = [
    "tests.support.services.syntax_trees",
    "tests.support.services.chromium",
    "tests.support.contract.conformance_plugin",
    "tests.support.services.databases",
    "tests.support.server",
    "tests.support.servers_by_database",
    "tests.support.services.processes",
    "tests.support.services.redis_servers",
    "tests.support.services.node",
    "tests.support.services.evm",
    "tests.support.services.smtp",
    "tests.support.services.vitest",
    "tests.support.organizations",
    "tests.support.stripe.service",
]
