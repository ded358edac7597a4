"""Requests, cookies, URLs and paths, without a framework."""
