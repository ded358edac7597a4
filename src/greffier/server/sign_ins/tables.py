"""Tables of this room."""

from __future__ import annotations

import sqlalchemy as sa

from greffier.server.store.statements import Row
from greffier.server.store.tables import id_column, instance_column, metadata, millis, shown_in_client, text

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    id_column(),
    instance_column(),
    text("client_id"),
    text("status"),
    text("identifier", null=True),
    sa.Column("user_id", sa.Text, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=True),
    text("first_factor_verification_id", null=True),
    text("second_factor_verification_id", null=True),
    text("client_trust_state", null=True),
    text("created_session_id", null=True),
    millis("abandon_at"),
    millis("created_at"),
    millis("updated_at"),
    sa.Column("sign_up_if_missing", sa.Boolean(create_constraint=False), nullable=True),
    text("account_verification_id", null=True),
    sa.Index("ix_sign_ins_client", "client_id", "status"),
    sa.Index("ix_sign_ins_user", "user_id"),
    sa.Index("ix_sign_ins_abandon", "instance_id", "abandon_at", "id"),
    info=shown_in_client("client_id"),
)


class SignInRow(Row, frozen=True):
    """`status` as on the wire; an attempt past `abandon_at` counts as abandoned. `client_trust_state` is
    `new` while a device must be verified, `known` where it need not be. `sign_up_if_missing`: an identifier
    without an account may be verified here for a sign-up. `account_verification_id`: of an account at another
    site, with which the user is connected once the sign-in is complete.
    """

    id: str
    instance_id: str
    client_id: str
    status: str
    identifier: str | None
    user_id: str | None
    first_factor_verification_id: str | None
    second_factor_verification_id: str | None
    client_trust_state: str | None
    created_session_id: str | None
    abandon_at: int
    created_at: int
    updated_at: int
    sign_up_if_missing: bool | None = None
    account_verification_id: str | None = None


reverifications = sa.Table(
    "reverifications",
    metadata,
    id_column(),
    instance_column(),
    sa.Column(
        "session_id", sa.Text, sa.ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, unique=True
    ),
    text("level"),
    text("status"),
    text("first_factor_verification_id", null=True),
    text("second_factor_verification_id", null=True),
    millis("created_at"),
    millis("updated_at"),
    sa.Index("ix_reverifications_updated", "instance_id", "updated_at", "id"),
)


class ReverificationRow(Row, frozen=True):
    """The last reverification of a session. `level` has the required factors, `status` as on the wire."""

    id: str
    instance_id: str
    session_id: str
    level: str
    status: str
    first_factor_verification_id: str | None
    second_factor_verification_id: str | None
    created_at: int
    updated_at: int
