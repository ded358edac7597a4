"""Settings of a risk assessment of sign-ins and sign-ups, which is not built: stored, without any effect."""
