"""Usernames as identifications: columns of users, which nothing verifies."""
