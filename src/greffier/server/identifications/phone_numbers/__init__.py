"""Phone numbers as identifications."""
