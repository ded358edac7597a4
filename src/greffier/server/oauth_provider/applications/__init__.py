"""OAuth applications, and how they authenticate."""
