"""Answers of Stripe that are kept for a while: in this process, or in a Redis for several. Each is read once
at a time, and not more are read in a second than Stripe allows."""
