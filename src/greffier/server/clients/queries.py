"""Every SQL statement of this room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import bindparam

from greffier.server.clients.tables import (
    ClientRow,
    DevBrowserRow,
    FormerSecretRow,
    HandshakePayloadRow,
    SatelliteLinkRow,
    SatelliteSecretRow,
    clients,
    dev_browsers,
    former_secrets,
    handshake_payloads,
    satellite_links,
    satellite_secrets,
)
from greffier.server.store.statements import Statement, insert, update

_GET = sa.select(clients).where(
    clients.c.instance_id == bindparam("instance_id"),
    clients.c.id == bindparam("id"),
    clients.c.deleted == sa.false(),
)
GET = Statement(_GET, ClientRow)
LOCK = Statement(_GET.with_for_update(), ClientRow, locks=True)
LIST = Statement(
    sa.select(clients)
    .where(clients.c.instance_id == bindparam("instance_id"), clients.c.deleted == sa.false())
    .order_by(clients.c.created_at.desc(), clients.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset")),
    ClientRow,
)
COUNT: Statement[int] = Statement(
    sa.select(sa.func.count())
    .select_from(clients)
    .where(clients.c.instance_id == bindparam("instance_id"), clients.c.deleted == sa.false())
)
INSERT = insert(clients)
UPDATE = update(clients)

INSERT_FORMER_SECRET = insert(former_secrets)
FIND_FORMER_SECRET = Statement(
    sa.select(former_secrets).where(
        former_secrets.c.instance_id == bindparam("instance_id"),
        former_secrets.c.client_id == bindparam("client_id"),
        former_secrets.c.secret_hash == bindparam("secret_hash"),
    ),
    FormerSecretRow,
)

_DEV_BROWSER = sa.select(dev_browsers).where(
    dev_browsers.c.instance_id == bindparam("instance_id"),
    dev_browsers.c.token_hash == bindparam("token_hash"),
)
FIND_DEV_BROWSER = Statement(_DEV_BROWSER, DevBrowserRow)
LOCK_DEV_BROWSER = Statement(_DEV_BROWSER.with_for_update(), DevBrowserRow, locks=True)
INSERT_DEV_BROWSER = insert(dev_browsers)
UPDATE_DEV_BROWSER = update(dev_browsers)

INSERT_HANDSHAKE_PAYLOAD = insert(handshake_payloads)
FIND_HANDSHAKE_PAYLOAD = Statement(
    sa.select(handshake_payloads).where(
        handshake_payloads.c.instance_id == bindparam("instance_id"),
        handshake_payloads.c.nonce_hash == bindparam("nonce_hash"),
        handshake_payloads.c.expire_at > bindparam("now"),
    ),
    HandshakePayloadRow,
)

INSERT_SATELLITE_SECRET = insert(satellite_secrets)
FIND_SATELLITE_SECRET = Statement(
    sa.select(satellite_secrets).where(
        satellite_secrets.c.instance_id == bindparam("instance_id"),
        satellite_secrets.c.client_id == bindparam("client_id"),
        satellite_secrets.c.secret_hash == bindparam("secret_hash"),
    ),
    SatelliteSecretRow,
)
_OF_CLIENT = (
    satellite_secrets.c.instance_id == bindparam("instance_id"),
    satellite_secrets.c.client_id == bindparam("client_id"),
)
END_SATELLITE_SECRETS: Statement[None] = Statement(sa.delete(satellite_secrets).where(*_OF_CLIENT))
END_SATELLITE_SECRETS_BEFORE: Statement[None] = Statement(
    sa.delete(satellite_secrets).where(
        *_OF_CLIENT,
        satellite_secrets.c.domain == bindparam("domain"),
        satellite_secrets.c.created_at < bindparam("before"),
    )
)

INSERT_SATELLITE_LINK = insert(satellite_links)
UPDATE_SATELLITE_LINK = update(satellite_links)
LOCK_SATELLITE_LINK = Statement(
    sa.select(satellite_links)
    .where(
        satellite_links.c.instance_id == bindparam("instance_id"),
        satellite_links.c.token_hash == bindparam("token_hash"),
    )
    .with_for_update(),
    SatelliteLinkRow,
    locks=True,
)
