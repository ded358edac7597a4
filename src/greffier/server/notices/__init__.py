"""Notices to users about their account, derived from what a request wrote, and the links in them."""
