"""Errors of invitations: taken addresses, states that cannot be revoked, tickets that do not sign in."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, api_error

_NOT_PENDING = {
    "accepted": "invitation_already_accepted",
    "revoked": "invitation_already_revoked",
    "expired": "invitation_already_expired",
}


def already_invited(email_address: str) -> ApiError:
    return api_error(
        400,
        "duplicate_record",
        "Invited already",
        f"There is a pending invitation for {email_address} already. Revoke it, or pass ignore_existing.",
        param_name="email_address",
        email_addresses=[email_address],
    )


def invitation_not_pending(status: str) -> ApiError:
    """Args: status: what became of the invitation."""
    why = "has expired" if status == "expired" else f"was {status} already"
    return api_error(
        400,
        _NOT_PENDING[status],
        "Invitation is not pending",
        f"Only pending invitations can be revoked; this one {why}.",
    )


def invitation_account_not_exists() -> ApiError:
    return api_error(
        400,
        "invitation_account_not_exists",
        "No account yet",
        "There is no account with the address that was invited. Use this ticket to sign up.",
    )
