"""Texts for wallets to sign: for one wallet and one page, for five minutes, and for one attempt, right or
wrong."""

from __future__ import annotations

import secrets

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.identifications.notices import Notice
from greffier.server.identifications.web3_wallets.chains.chain import Chain, Proof
from greffier.server.identifications.web3_wallets.reading import NAME as KIND
from greffier.server.instances.environment import application_url
from greffier.server.verifications.challenges import conclude_challenge
from greffier.server.verifications.identifiers import Identifier
from greffier.server.verifications.queries import LOCK
from greffier.server.verifications.records import begin_verification, find_verification
from greffier.server.verifications.tables import VerificationRow
from greffier.server.web.context import Context
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.http.request import origin_of

CHALLENGE_LIFETIME = 5 * 60 * 1000
"""Milliseconds."""


async def ask_for_signature(
    ctx: Context, strategy: str, chain: Chain, wallet: Identifier, *, notice: Notice | None
) -> VerificationRow:
    """A verification with the text for the wallet. Browser SDKs read it from `message`, those of before 2024
    from `nonce`.

    Args:
        notice: what the right signature tells the owner of the wallet, instead of verifying it.
    """
    network = ctx.instance.settings.web3.networks.get(chain.name, chain.default_network)
    proof = Proof(
        address=chain.read(wallet.value),
        network=network,
        origin=_origin(ctx),
        nonce=secrets.token_hex(16),
        issued_at=ctx.now,
        expires_at=ctx.now + CHALLENGE_LIFETIME,
    )
    text = chain.message(proof)
    return await begin_verification(
        ctx,
        strategy,
        sent_to=wallet,
        lifetime=CHALLENGE_LIFETIME,
        details={
            "message": text,
            "nonce": text,
            "address": proof.address,
            "network": network,
            "notice": notice,
        },
    )


def _origin(ctx: Context) -> str:
    """Returns the origin of the page, which the wallet compares with the one that it sees; without a page,
    that of the application."""
    page = ctx.request.page_origin
    if page is not None and page.startswith("http") and origin_allowed(ctx.instance, page):
        return page
    return application_url(ctx.instance) or origin_of(ctx.public_url) or ctx.public_url


async def verify_signature(
    ctx: Context, strategy: str, chain: Chain, verification_id: str | None, signature: str
) -> VerificationRow:
    """Check a signature, which uses the text up. It is checked before the text is locked.

    Raises:
        ApiError: 400 when there is no text, it has had its attempt, or it is too old; 422 when the signature
            is wrong, or is right and the owner of the wallet is told that an account has it, or none; 422 as
            `Chain.verifies`, which leaves the text usable.
    """
    asked = _usable(await find_verification(ctx, verification_id), strategy)
    details = asked.details or {}
    right = await chain.verifies(ctx, details["network"], details["address"], details["message"], signature)
    row = _usable(await ctx.db.one(LOCK, instance_id=ctx.instance.id, id=asked.id), strategy)
    if row.expire_at is not None and row.expire_at <= ctx.now:
        await conclude_challenge(ctx, row, "expired")
        raise errors.verification_expired()
    if not right:
        await conclude_challenge(ctx, row, "failed")
        raise errors.signature_incorrect()
    if notice := details["notice"]:
        await conclude_challenge(ctx, row, "failed")
        raise _told(notice)
    return await conclude_challenge(ctx, row, "verified")


def _usable(row: VerificationRow | None, strategy: str) -> VerificationRow:
    """Raises: ApiError: 400 when there is none, or it has had its attempt."""
    if row is None or row.strategy != strategy or row.status == "failed":
        raise errors.verification_missing()
    if row.status == "expired":
        raise errors.verification_expired()
    if row.status != "unverified":
        raise errors.verification_already_verified()
    return row


def _told(notice: Notice) -> ApiError:
    """Returns what the owner of a wallet may know, and no other person."""
    if notice == "account_exists":
        return errors.identifier_exists(KIND, keep_changes=True)
    return errors.identifier_not_found(keep_changes=True)
