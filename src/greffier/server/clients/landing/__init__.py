"""Navigations that come from a mail or from another site, and lead on to a page of the application."""
