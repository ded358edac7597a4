"""Email addresses that an application's backend gives to users."""
