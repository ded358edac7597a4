"""What machines and M2M tokens look like on the wire, and what makes and changes them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from greffier.server.machines.tables import M2mTokenRow, MachineRow, MachineScopeRow

DEFAULT_TOKEN_TTL = 3600
"""Seconds."""
LONGEST_TOKEN_TTL = 315_360_000
"""Seconds."""
MAX_SCOPES = 150
"""Machines that one machine may reach."""
LONGEST_OVERLAP = 28_800
"""Seconds that a former secret key works at most."""
LONGEST_REASON = 1024
"""Characters."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
TokenTtl = Annotated[int, msgspec.Meta(ge=1, le=LONGEST_TOKEN_TTL)]


class ReachedMachine(msgspec.Struct, kw_only=True):
    """Contract: `MachineWithoutScopedMachines`."""

    object: Literal["machine"] = "machine"
    id: str
    name: str
    instance_id: str
    default_token_ttl: int
    created_at: int
    updated_at: int


class Machine(ReachedMachine, kw_only=True):
    """Contract: `Machine`."""

    scoped_machines: list[ReachedMachine]


class CreatedMachine(Machine, kw_only=True):
    """Contract: `Machine.Created`."""

    secret_key: str


class DeletedMachine(msgspec.Struct, kw_only=True):
    """Contract: `Machine.Deleted`."""

    object: Literal["machine"] = "machine"
    id: str
    deleted: bool = True


class MachineSecretKey(msgspec.Struct, kw_only=True):
    """Contract: `Machine.SecretKey`."""

    object: Literal["machine_secret_key"] = "machine_secret_key"
    secret: str


class MachineScope(msgspec.Struct, kw_only=True):
    """Contract: `MachineScope`."""

    object: Literal["machine_scope"] = "machine_scope"
    from_machine_id: str
    to_machine_id: str
    created_at: int


class DeletedMachineScope(msgspec.Struct, kw_only=True):
    """Contract: `MachineScope.Deleted`."""

    object: Literal["machine_scope"] = "machine_scope"
    from_machine_id: str
    to_machine_id: str
    deleted: bool = True


class M2mToken(msgspec.Struct, kw_only=True):
    """Contract: the answer of `verifyM2MToken`. `expiration` is in milliseconds since the epoch."""

    object: Literal["machine_to_machine_token"] = "machine_to_machine_token"
    id: str
    subject: str
    claims: Any
    scopes: list[str]
    revoked: bool
    revocation_reason: str | None
    expired: bool
    expiration: int | None
    last_used_at: int | None
    created_at: int
    updated_at: int


class CreatedM2mToken(M2mToken, kw_only=True):
    """Contract: the answer of `createM2MToken`."""

    token: str


class M2mTokenList(msgspec.Struct, kw_only=True):
    """Contract: the answer of `getM2MTokens`."""

    m2m_tokens: list[M2mToken]
    total_count: int


class MachineRequest(msgspec.Struct, kw_only=True):
    """A new machine. `scoped_machines` are ids of those that it may reach."""

    name: Name
    scoped_machines: Annotated[list[str], msgspec.Meta(max_length=MAX_SCOPES)] = []
    default_token_ttl: TokenTtl = DEFAULT_TOKEN_TTL


class MachinePatch(msgspec.Struct, kw_only=True):
    """What becomes of a machine; what is absent stays."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    default_token_ttl: TokenTtl | msgspec.UnsetType = msgspec.UNSET


class RotationRequest(msgspec.Struct, kw_only=True):
    """`previous_token_ttl`: seconds that the former secret key works."""

    previous_token_ttl: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_OVERLAP)]


class MachineScopeRequest(msgspec.Struct, kw_only=True):
    to_machine_id: str


class M2mTokenRequest(msgspec.Struct, kw_only=True):
    """A new token of the machine that asks; null is as good as absent.

    `seconds_until_expiration` may have a fraction. `min_remaining_ttl_seconds` allows to answer with a token
    made before that lives so long at least.
    """

    token_format: Literal["opaque", "jwt"] = "opaque"  # noqa: S105 (a format)
    seconds_until_expiration: Annotated[float, msgspec.Meta(gt=0, le=LONGEST_TOKEN_TTL)] | None = None
    claims: Any = None
    min_remaining_ttl_seconds: Annotated[int, msgspec.Meta(ge=0)] | None = None


class RevocationRequest(msgspec.Struct, kw_only=True):
    revocation_reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] | None = None


class VerificationRequest(msgspec.Struct, kw_only=True):
    """The token, by the name that the contract has, or that SDKs for other kinds of tokens have."""

    token: str | None = None
    secret: str | None = None
    access_token: str | None = None


def reached_machine(row: MachineRow) -> ReachedMachine:
    return ReachedMachine(**_fields(row))


def machine(row: MachineRow, reached: list[MachineRow]) -> Machine:
    return Machine(**_fields(row), scoped_machines=[reached_machine(other) for other in reached])


def created_machine(row: MachineRow, reached: list[MachineRow], secret_key: str) -> CreatedMachine:
    shown = [reached_machine(other) for other in reached]
    return CreatedMachine(**_fields(row), scoped_machines=shown, secret_key=secret_key)


def _fields(row: MachineRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "instance_id": row.instance_id,
        "default_token_ttl": row.default_token_ttl,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def machine_scope(row: MachineScopeRow) -> MachineScope:
    return MachineScope(
        from_machine_id=row.from_machine_id, to_machine_id=row.to_machine_id, created_at=row.created_at
    )


def m2m_token(row: M2mTokenRow, scopes: list[str], now_ms: int) -> M2mToken:
    """Args: scopes: the machines that the token still reaches."""
    return M2mToken(
        id=row.id,
        subject=row.machine_id,
        claims=row.claims,
        scopes=scopes,
        revoked=row.revoked,
        revocation_reason=row.revocation_reason,
        expired=row.expire_at <= now_ms,
        expiration=row.expire_at,
        last_used_at=row.last_used_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def created_m2m_token(shown: M2mToken, token: str) -> CreatedM2mToken:
    """The one answer that has the token itself."""
    return CreatedM2mToken(**msgspec.structs.asdict(shown), token=token)
