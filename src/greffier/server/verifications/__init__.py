"""The verification record: where strategies and their owners meet."""
