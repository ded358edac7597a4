"""Sessions: their life, their tokens and claims, where they are active."""
