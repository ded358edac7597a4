"""Tests with Django. Models can be imported once it is set up, which importing anything here does."""

from tests.sdk.django import project as project
