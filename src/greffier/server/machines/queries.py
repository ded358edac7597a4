"""Every SQL statement about machines whose text does not depend on the request."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.machines.tables import (
    MachineRow,
    MachineSecretKeyRow,
    machine_scopes,
    machine_secret_keys,
    machines,
)
from greffier.server.store.statements import Statement, insert, update
from greffier.server.web.ports import CurrentMachine

_ONE_MACHINE = sa.and_(machines.c.instance_id == bindparam("instance_id"), machines.c.id == bindparam("id"))
GET_MACHINE = Statement(sa.select(machines).where(_ONE_MACHINE), MachineRow)
LOCK_MACHINE = Statement(sa.select(machines).where(_ONE_MACHINE).with_for_update(), MachineRow, locks=True)
HOLD_MACHINE = Statement(
    sa.select(machines).where(_ONE_MACHINE).with_for_update(read=True, key_share=True),
    MachineRow,
    locks=True,
)
"""So that it is not deleted meanwhile; others may hold it too."""
INSERT_MACHINE = insert(machines)
UPDATE_MACHINE = update(machines)
DELETE_MACHINE: Statement[None] = Statement(sa.delete(machines).where(_ONE_MACHINE))

# --- secret keys --------------------------------------------------------------------------------------------

_keys = machine_secret_keys.c
MACHINE_OF_KEY = Statement(
    sa.select(_keys.machine_id, _keys.instance_id).where(
        _keys.key_hash == bindparam("key_hash"),
        sa.or_(_keys.expire_at.is_(None), _keys.expire_at > bindparam("now")),
    ),
    CurrentMachine,
)
"""The key itself says whose it is, so this one names no instance."""
KEYS_OF_MACHINE = Statement(
    sa.select(machine_secret_keys).where(
        _keys.instance_id == bindparam("instance_id"), _keys.machine_id == bindparam("machine_id")
    ),
    MachineSecretKeyRow,
)
INSERT_KEY = insert(machine_secret_keys)
UPDATE_KEY = update(machine_secret_keys)
DELETE_KEY: Statement[None] = Statement(
    sa.delete(machine_secret_keys).where(
        _keys.instance_id == bindparam("instance_id"), _keys.id == bindparam("id")
    )
)

# --- scopes -------------------------------------------------------------------------------------------------

_scopes = machine_scopes.c
_FROM_MACHINE = sa.and_(
    _scopes.instance_id == bindparam("instance_id"),
    _scopes.from_machine_id == bindparam("machine_id"),
)
REACHED_BY_MACHINE = Statement(
    sa.select(machines)
    .join(machine_scopes, _scopes.to_machine_id == machines.c.id)
    .where(_FROM_MACHINE)
    .order_by(_scopes.created_at, machines.c.id),
    MachineRow,
)
SCOPES_OF_MACHINE: Statement[str] = Statement(
    sa.select(_scopes.to_machine_id).where(_FROM_MACHINE).order_by(_scopes.to_machine_id)
)
INSERT_SCOPE = insert(machine_scopes)
DELETE_SCOPE: Statement[None] = Statement(
    sa.delete(machine_scopes).where(_FROM_MACHINE, _scopes.to_machine_id == bindparam("to_machine_id"))
)
