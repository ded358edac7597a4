"""The flows of a sign-in until its first factor is proven; `enumeration/` has the one that hides accounts."""
