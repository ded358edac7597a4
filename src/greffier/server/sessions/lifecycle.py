"""The lifecycle of sessions: begin, use, end. A session that has ended gets no token from that moment on."""

from __future__ import annotations

from typing import Any

import msgspec

from greffier.server import errors
from greffier.server.identifications.web3_wallets.ens.asking import read_names_soon
from greffier.server.sessions.active_organization import Named, initial_organization, with_organization
from greffier.server.sessions.activity import activity_of
from greffier.server.sessions.queries import (
    ANY_OF_USER_ON_CLIENT,
    CLEAR_ACTIVE_ORGANIZATION,
    CLEAR_ACTIVE_ORGANIZATION_OF_USER,
    END,
    END_OF_CLIENT,
    END_OF_USER,
    GET,
    GET_OF_CLIENT,
    GET_OF_USER,
    INSERT,
    KEEP_ACTIVE,
    LAST_SELECTED,
    LIVE_OF_CLIENT,
    LOCK_LIVE_OF_USER,
    LOCK_OF_CLIENT,
    SELECT,
    SET_ENTITLEMENTS,
    SET_FACTORS,
    TOUCH,
    UPDATE,
)
from greffier.server.sessions.tables import SessionRow
from greffier.server.sessions.tasks import tasks_of, understands_tasks
from greffier.server.store.ids import new_id
from greffier.server.users.lookup import lock_user
from greffier.server.users.profile.entitlements import KEY as ENTITLEMENTS
from greffier.server.users.queries import UPDATE as UPDATE_USER
from greffier.server.users.restrictions.lockout import after_success, is_locked_by_failures, require_unlocked
from greffier.server.users.tables import UserRow
from greffier.server.web.context import Context
from greffier.server.web.ports import CurrentSession

_ABANDONED_AFTER = 30 * 24 * 3600 * 1000
"""Milliseconds until a session counts as abandoned, where inactivity does not end it before."""


def status_of(session: SessionRow, now: int) -> str:
    """The status on the wire: a live session past its end is `expired`, an unused one `abandoned`."""
    if session.status not in ("active", "pending"):
        return session.status
    if session.expire_at <= now:
        return "expired"
    return "abandoned" if session.abandon_at <= now else session.status


def is_live(session: SessionRow, now: int) -> bool:
    return session.status in ("active", "pending") and session.expire_at > now and session.abandon_at > now


def is_usable(ctx: Context, session: SessionRow) -> bool:
    """Whether it is live, and either active or shown to a caller that understands pending sessions."""
    return is_live(session, ctx.now) and (session.status == "active" or understands_tasks(ctx))


async def require_admitted(
    ctx: Context, user: UserRow, client_id: str | None = None, *, despite_failures: bool = False
) -> None:
    """Require that the user may sign in.

    Args:
        client_id: where, if it is not the client that asks.
        despite_failures: by something that cannot be guessed, so that failed guesses do not matter.

    Raises:
        ApiError: 403 when the user is banned or locked.
    """
    if user.banned:
        raise errors.user_banned()
    if not (despite_failures and is_locked_by_failures(ctx.instance, user, ctx.now)):
        await require_unlocked(ctx, user, client_id)


async def has_signed_in(ctx: Context, client_id: str, user_id: str) -> bool:
    """Returns whether the user has signed in on this client before."""
    keys = {"instance_id": ctx.instance.id, "client_id": client_id, "user_id": user_id}
    return await ctx.db.one(ANY_OF_USER_ON_CLIENT, **keys) is not None


async def create_session(
    ctx: Context,
    user_id: str,
    client_id: str,
    *,
    actor: dict[str, Any] | None = None,
    lifetime: int | None = None,
    second_factor: bool = False,
    organization_id: str | None = None,
    despite_failures: bool = False,
) -> SessionRow:
    """Sign a user in on a client: its secret rotates and the session becomes the active one.

    Args:
        actor: the impersonator; nothing is recorded at the user.
        lifetime: seconds; the instance's setting when absent.
        second_factor: a second factor was verified too.
        organization_id: the active organization; the caller has checked the membership. The one
            of the user's last session when absent.
        despite_failures: as `require_admitted`.

    Raises:
        ApiError: 404 without such a user, 403 when the user is banned or locked.
    """
    user = await lock_user(ctx, user_id)
    await require_admitted(ctx, user, client_id, despite_failures=despite_failures)
    row = SessionRow(
        id=new_id("sess", now_ms=ctx.now),
        instance_id=ctx.instance.id,
        client_id=client_id,
        user_id=user_id,
        status="active",
        expire_at=(expire_at := ctx.now + (lifetime or ctx.instance.settings.session.lifetime) * 1000),
        abandon_at=_abandon_at(ctx, expire_at),
        last_active_at=ctx.now,
        selected_at=ctx.now,
        last_active_organization_id=organization_id or await initial_organization(ctx, user_id),
        actor=actor,
        first_factor_at=ctx.now if actor is None else None,
        second_factor_at=ctx.now if second_factor else None,
        activity=activity_of(ctx),
        entitlements=user.private_metadata.get(ENTITLEMENTS),
        created_at=ctx.now,
        updated_at=ctx.now,
    )
    if actor is None and (tasks := tasks_of(ctx, user)):
        row = msgspec.structs.replace(row, status="pending", tasks=tasks)
    await ctx.db.insert(INSERT, row)
    if actor is None:
        signed_in = msgspec.structs.replace(
            user, last_sign_in_at=ctx.now, last_active_at=ctx.now, **after_success(user, client_id, ctx.now)
        )
        await ctx.db.save(UPDATE_USER, signed_in)
        read_names_soon(ctx, user.id)
    ctx.rotate_client = True
    return row


def _abandon_at(ctx: Context, expire_at: int) -> int:
    """Until when a session that is used now may rest."""
    timeout = ctx.instance.settings.session.inactivity_timeout
    return max(expire_at, ctx.now + _ABANDONED_AFTER) if timeout is None else ctx.now + timeout * 1000


async def keep_active(ctx: Context, session: SessionRow) -> None:
    """A token of this session is asked for: its time of inactivity begins anew. Written only when a tenth of
    it has passed, because browsers ask every minute.

    Raises:
        ApiError: 401 when the session has just ended.
    """
    unlimited = ctx.instance.settings.session.inactivity_timeout is None
    if unlimited and session.abandon_at >= session.expire_at:
        return
    abandon_at = _abandon_at(ctx, session.expire_at)
    if session.abandon_at >= abandon_at - (abandon_at - ctx.now) // 10:
        return
    if not await ctx.db.execute(
        KEEP_ACTIVE, instance_id=ctx.instance.id, id=session.id, now=ctx.now, new_abandon_at=abandon_at
    ):
        raise errors.session_token_refused()


async def touch_session(ctx: Context, session_id: str, organization: Named = msgspec.UNSET) -> SessionRow:
    """The session is in use, and is the client's active one.

    Args:
        organization: the one that becomes the active one in it.

    Raises:
        ApiError: 401 when it is over, 404 when it is not this client's, or the user is no member of the
            organization.
    """
    session = await usable_session(ctx, session_id)
    session = await with_organization(ctx, session, organization)
    touched = msgspec.structs.replace(
        session,
        last_active_at=ctx.now,
        selected_at=ctx.now,
        activity=activity_of(ctx, activity_id=session.activity.get("id")),
        abandon_at=_abandon_at(ctx, session.expire_at),
        updated_at=ctx.now,
    )
    values: dict[str, Any] = {
        "instance_id": ctx.instance.id,
        "id": session.id,
        "now": ctx.now,
        "new_abandon_at": touched.abandon_at,
        "new_activity": touched.activity,
        "organization_id": touched.last_active_organization_id,
    }
    if not (await ctx.db.execute(TOUCH, **values) or await ctx.db.execute(SELECT, **values)):
        raise errors.session_token_refused()  # it was revoked at the same moment
    return touched


async def usable_session(ctx: Context, session_id: str) -> SessionRow:
    """One of this client's sessions that is signed in now.

    Raises:
        ApiError: 401 when it is over, 404 when it is not this client's.
    """
    session = await session_of_client(ctx, session_id)
    if not is_usable(ctx, session):
        raise errors.session_token_refused()
    return session


async def lock_session(ctx: Context, session: SessionRow) -> SessionRow:
    """As `lock_session_of_client`."""
    return await lock_session_of_client(ctx, session.client_id, session.id)


async def lock_session_of_client(ctx: Context, client_id: str | None, session_id: str) -> SessionRow:
    """The session as it is now, held until the request ends.

    Raises:
        ApiError: 401 when it has just ended, or is not this client's.
    """
    keys = {"instance_id": ctx.instance.id, "client_id": client_id, "id": session_id}
    locked = await ctx.db.one(LOCK_OF_CLIENT, **keys)
    if locked is None or not is_usable(ctx, locked):
        raise errors.session_token_refused()
    return locked


async def record_factors(
    ctx: Context, session: SessionRow, *, first: bool = False, second: bool = False
) -> SessionRow:
    """Record that the user verified these factors once more, for later tokens. `session` must be locked."""
    changed = msgspec.structs.replace(
        session,
        first_factor_at=ctx.now if first else session.first_factor_at,
        second_factor_at=ctx.now if second else session.second_factor_at,
        updated_at=ctx.now,
    )
    await ctx.db.execute(
        SET_FACTORS,
        instance_id=ctx.instance.id,
        id=session.id,
        now=ctx.now,
        first_at=changed.first_factor_at,
        second_at=changed.second_factor_at,
    )
    return changed


async def session_of_client(ctx: Context, session_id: str) -> SessionRow:
    """One of this client's sessions, whatever its status.

    Raises:
        ApiError: 401 without a client, 404 when the session is not this client's.
    """
    if ctx.client is None:
        raise errors.signed_out()
    session = await ctx.db.one(
        GET_OF_CLIENT, instance_id=ctx.instance.id, id=session_id, client_id=ctx.client.id
    )
    if session is None:
        raise errors.session_not_found()
    ctx.client_user_ids.add(session.user_id)
    return session


async def finish_session(ctx: Context, session: SessionRow, status: str) -> SessionRow:
    """End a session as `ended`, `removed` or `revoked`; one that is over already stays as it is."""
    keys = {"instance_id": ctx.instance.id, "id": session.id}
    await ctx.db.execute(END, client_id=session.client_id, now=ctx.now, new_status=status, **keys)
    return await ctx.db.one(GET, **keys) or session


async def finish_sessions_of_client(ctx: Context, client_id: str, status: str) -> None:
    await ctx.db.execute(
        END_OF_CLIENT, instance_id=ctx.instance.id, client_id=client_id, status=status, now=ctx.now
    )
    ctx.client_changed = True  # where they had run out already, the browser's cookies still say otherwise


async def revoke_sessions_of_user(ctx: Context, user_id: str, *, except_id: str = "") -> None:
    """Revoke every live session of a user, but for one."""
    await ctx.db.execute(
        END_OF_USER,
        instance_id=ctx.instance.id,
        user_id=user_id,
        except_id=except_id,
        status="revoked",
        now=ctx.now,
    )


async def revoke_own_session(ctx: Context, caller: CurrentSession, session_id: str) -> SessionRow:
    """Revoke any session of the same user, on whatever device.

    Raises:
        ApiError: 404 when it is not the caller's.
    """
    session = await ctx.db.one(
        GET_OF_USER, instance_id=ctx.instance.id, id=session_id, user_id=caller.user_id
    )
    if session is None:
        raise errors.session_not_found()
    return await finish_session(ctx, session, "revoked")


async def finish_task(ctx: Context, user_id: str, task: str) -> None:
    """Remove a finished task from each of the user's sessions."""
    live = await ctx.db.all(LOCK_LIVE_OF_USER, instance_id=ctx.instance.id, user_id=user_id, now=ctx.now)
    for session in live:
        if task not in (session.tasks or ()):
            continue
        left = [key for key in session.tasks or () if key != task] or None
        status = "pending" if left else "active"
        await ctx.db.save(
            UPDATE, msgspec.structs.replace(session, tasks=left, status=status, updated_at=ctx.now)
        )


async def set_entitlements(ctx: Context, user_id: str, entitlements: dict[str, Any] | None) -> None:
    """The next tokens of the user's sessions name these."""
    await ctx.db.execute(
        SET_ENTITLEMENTS,
        instance_id=ctx.instance.id,
        of_user=user_id,
        now=ctx.now,
        new_entitlements=entitlements,
    )


async def clear_active_organization(ctx: Context, organization_id: str, user_id: str | None = None) -> None:
    """Clear the organization as the active one of sessions: of one user who leaves it, or of all its
    members."""
    keys = {"instance_id": ctx.instance.id, "organization_id": organization_id, "now": ctx.now}
    if user_id is None:
        await ctx.db.execute(CLEAR_ACTIVE_ORGANIZATION, **keys)
    else:
        await ctx.db.execute(CLEAR_ACTIVE_ORGANIZATION_OF_USER, user_id=user_id, **keys)


async def live_sessions(ctx: Context, client_id: str) -> list[SessionRow]:
    """The live sessions of a client, oldest first."""
    live = await ctx.db.all(LIVE_OF_CLIENT, instance_id=ctx.instance.id, client_id=client_id, now=ctx.now)
    return [session for session in live if is_usable(ctx, session)]


async def has_tasks(ctx: Context, session_id: str) -> bool:
    """Returns whether a session waits for its user."""
    found = await ctx.db.one(GET, instance_id=ctx.instance.id, id=session_id)
    return found is not None and found.status == "pending"


async def current_session(ctx: Context) -> CurrentSession:
    """The current session: `_clerk_session_id` names it, else the client's active one.

    Raises:
        ApiError: 401 when there is none.
    """
    if ctx.client is None:
        raise errors.signed_out()
    named = ctx.request.query_value("_clerk_session_id")
    keys = {"instance_id": ctx.instance.id, "client_id": ctx.client.id}
    if named:
        session = await ctx.db.one(GET_OF_CLIENT, id=named, **keys)
    else:
        session = await ctx.db.one(LAST_SELECTED, now=ctx.now, **keys)
    if session is None or not is_usable(ctx, session):
        raise errors.signed_out()
    ctx.client_user_ids.add(session.user_id)
    return acting(session)


def acting(session: SessionRow) -> CurrentSession:
    """A session as the caller of a request."""
    return CurrentSession(
        session.id,
        session.user_id,
        session.client_id,
        tuple(session.tasks or ()),
        impersonated=session.actor is not None,
        first_factor_at=session.first_factor_at,
        second_factor_at=session.second_factor_at,
    )


async def refuse_second_session(ctx: Context) -> None:
    """Raises: ApiError: 400 `session_exists` in single-session mode while signed in."""
    if ctx.client is None or not ctx.instance.settings.session.single_session:
        return
    if await live_sessions(ctx, ctx.client.id):
        raise errors.session_exists()
