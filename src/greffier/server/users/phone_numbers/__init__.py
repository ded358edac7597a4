"""Phone numbers that an application's backend gives to users."""
