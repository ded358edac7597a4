"""A stand-in for Stripe, because the real one cannot be had offline: a small account with the calls that this
project makes, its hosted pages, webhooks and limits. It is proven by the official `stripe` client.

It is not Stripe: prices are not charged, and what is not listed in `routes.py` is not there.
"""
