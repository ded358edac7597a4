"""Email addresses as identifications."""
