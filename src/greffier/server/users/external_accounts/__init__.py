"""Accounts of users at other sites, with which they sign in."""
