"""Values that a middleware passes to the application."""
