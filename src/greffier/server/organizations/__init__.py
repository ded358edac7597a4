"""Organizations: groups of users with roles. Which one a session acts in is in `sessions/`."""
