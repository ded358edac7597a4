"""Machines on the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from greffier.server.machines.tables import MachineRow, MachineScopeRow


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
