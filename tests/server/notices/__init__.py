"""Tests of the notices about changes of an account, and of their links."""
