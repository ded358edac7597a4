"""JWT templates: their shortcodes and keys of their own."""
