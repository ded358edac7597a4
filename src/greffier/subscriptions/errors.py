"""Exceptions of calls to Stripe. Their texts have no key and nothing of a customer.

GreffierError
└── SubscriptionError
    ├── StripeUnavailable   Stripe does not answer, or not now
    └── StripeRefused       Stripe answered that it will not do this
        └── CustomerMissing the account has no customer of this id
"""

from greffier.sdk.errors import GreffierError


class SubscriptionError(GreffierError):
    """Stripe could not be used."""


class StripeUnavailable(SubscriptionError):
    """Stripe does not answer in time, answers with an error of its own, or limits requests."""


class StripeRefused(SubscriptionError):
    """Stripe refused a request: `status` of HTTP, and its error `code` where there is one."""

    def __init__(self, status: int, code: str | None) -> None:
        super().__init__(f"Stripe answered {status}" + (f" ({code})" if code else ""))
        self.status = status
        self.code = code


class CustomerMissing(StripeRefused):
    """The account has no customer of this id: deleted, or of another account or mode."""
