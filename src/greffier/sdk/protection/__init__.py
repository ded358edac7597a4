"""Authentication and protection of requests by a middleware, and requirements of routes."""
