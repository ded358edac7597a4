"""What a middleware does with each request, and what routes require."""
