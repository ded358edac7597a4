"""Users: their profile, their metadata, their password."""
