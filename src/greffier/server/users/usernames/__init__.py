"""Usernames as identifications: columns of users, without verification."""
