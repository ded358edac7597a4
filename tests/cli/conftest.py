"""Fixtures of the command line's tests."""

from tests.cli.commands import empty_installation, installation

__all__ = ["empty_installation", "installation"]
