"""Tests of phone numbers as second factors."""
