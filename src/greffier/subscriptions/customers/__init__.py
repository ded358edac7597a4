"""Stripe's customers of users and organizations: who pays, how they are found, and what their tokens say."""

from greffier.subscriptions.customers.finding import Customers
from greffier.subscriptions.customers.payers import Customer

__all__ = ["Customer", "Customers"]
