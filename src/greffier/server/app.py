"""The composition root: rooms meet here, and ports are plugged in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from greffier.server import strategies
from greffier.server.clients.caller import Caller
from greffier.server.crypto.passwords import Passwords
from greffier.server.delivery.outbox import Outbox
from greffier.server.delivery.senders import configured_senders
from greffier.server.discovery import modules_named
from greffier.server.hosted_pages.application import Pages
from greffier.server.instances.creation import new_development_host, new_secret_key
from greffier.server.instances.registry import Instances
from greffier.server.instances.reloading import Reloader
from greffier.server.jobs.purger import Purger
from greffier.server.jobs.retention_rules import RetentionRule
from greffier.server.keys_file import read_or_create_encryption_key, read_or_create_keys
from greffier.server.machines import keys as machine_keys
from greffier.server.notices import sending
from greffier.server.oauth_provider.authorization import grants as oauth_grants
from greffier.server.organizations import ports as organizations_of_users
from greffier.server.provisioning import WantedInstance, ensure_instance
from greffier.server.sessions import lifecycle
from greffier.server.settings import Settings, from_environment
from greffier.server.sign_ins.reverification import demand
from greffier.server.signing.keys import SigningKeys
from greffier.server.store.clock import Clock
from greffier.server.store.database import Database, Transaction
from greffier.server.store.migrate import upgrade_if_needed
from greffier.server.store.opening import open_database
from greffier.server.strategies.oauth.tokens.revoker import Revoker
from greffier.server.token_gates.checker import TokenGateChecker
from greffier.server.users.images.copying import PictureCopier
from greffier.server.users.second_factors import changes as second_factors
from greffier.server.users.wallet_profiles.reader import WalletNameReader
from greffier.server.versions import NEWEST
from greffier.server.web.context import Context, Ports, Services
from greffier.server.web.http.proxies import Proxies
from greffier.server.web.http.request import RequestInfo
from greffier.server.web.instance.instance import Instance
from greffier.server.web.limits.memory_limits import MemoryLimits
from greffier.server.web.limits.rate_limits import Limits, RateLimiter
from greffier.server.web.limits.redis_limits import RedisLimits
from greffier.server.web.observability.metrics import Metrics
from greffier.server.web.operations.backend import BackendApi
from greffier.server.web.operations.declaration import backend_api, frontend_api
from greffier.server.web.operations.faces import Faces
from greffier.server.web.operations.frontend import FrontendApi


def declare_operations() -> None:
    """Imports every room's API modules: importing one declares its operations."""
    for _ in modules_named("frontend_api", "backend_api"):
        pass


def all_retention_rules() -> list[RetentionRule]:
    """The retention rules of all rooms: `RETENTION_RULES` in their `retention.py`."""
    return [rule for module in modules_named("retention") for rule in module.RETENTION_RULES]


def development_server(
    data: Path,
    *,
    database_url: str | None = None,
    settings: Settings | None = None,
    clock: Clock | None = None,
) -> Server:
    """A server that needs no configuration: its database and its keys are in one folder. Keys in the settings
    encrypt instead of that in the folder, which then only decrypts."""
    keys = read_or_create_keys(data, host=new_development_host(), secret_key=new_secret_key("development"))
    url = database_url or f"sqlite:///{data / 'greffier.db'}"
    given = settings or from_environment()
    chosen = msgspec.structs.replace(
        given,
        database_url=url,
        show_inbox=True,
        encryption_keys=(*given.encryption_keys, read_or_create_encryption_key(data)),
    )
    wanted = WantedInstance(publishable_key=keys.publishable_key, secret_key=keys.secret_key)
    return Server(chosen, wanted, clock=clock)


def operator_context(database: Database, db: Transaction, instance: Instance) -> Context:
    """The context for a rule called by an operator's command instead of a request."""
    services = Server(Settings(database_url=database.url, encryption_keys=database.encryption.keys)).services
    return Context(services, db, instance, _operator_request(instance), NEWEST)


def _operator_request(instance: Instance) -> RequestInfo:
    return RequestInfo(
        method="POST",
        path="/",
        base_url=instance.issuer,
        host=instance.frontend_api_host,
        secure=True,
        origin=None,
        user_agent="",
        ip_address="",
        query={},
        headers={},
        cookies={},
    )


def _rate_limiter(settings: Settings) -> RateLimiter:
    return RedisLimits(settings.redis_url) if settings.redis_url else MemoryLimits()


class Server:
    """One process's server as an ASGI application, with its database, keys and background work.

    Args:
        wanted: an instance to make sure of at start.
    """

    def __init__(
        self, settings: Settings, wanted: WantedInstance | None = None, *, clock: Clock | None = None
    ) -> None:
        declare_operations()
        self.settings = settings
        self._wanted = wanted
        self.publishable_key = wanted.publishable_key if wanted else None
        self.secret_key = wanted.secret_key if wanted else None
        self.clock = clock or Clock()
        self.database: Database = open_database(
            settings.database_url, settings.database_timeouts, encryption_keys=settings.encryption_keys
        )
        self.instances = Instances(self.clock, settings)
        self.signing = SigningKeys(self.clock)
        self._reloader = Reloader(self.poll)
        self._passwords = Passwords(settings.password_threads)
        self.outbox = Outbox(
            self.database,
            self.clock,
            configured_senders(settings),
            keep_bodies=settings.show_inbox,
        )
        self.revoker = Revoker(self.database, self.clock, self._context_of_job)
        self.pictures = PictureCopier(self.database, self._context_of_job)
        self.purger = Purger(self.database, self.clock, all_retention_rules(), self.instances.ids)
        self._token_gates = TokenGateChecker(self.database, self.clock, self.instances.by_id)
        self._wallet_names = WalletNameReader(self.database, self.clock, self._context_of_job)
        self._limiter = _rate_limiter(settings)
        services = Services(
            settings=settings,
            clock=self.clock,
            database=self.database,
            passwords=self._passwords,
            limits=Limits(self._limiter, settings.rate_limit_scale),
            ports=Ports(
                caller=Caller(),
                instances=self.instances,
                signing=self.signing,
                outbox=self.outbox,
                revoker=self.revoker,
                pictures=self.pictures,
                machines=machine_keys,
                sessions=lifecycle,
                reverification=demand,
                notices=sending,
                oauth_grants=oauth_grants,
                organizations=organizations_of_users,
                strategies=strategies,
                second_factors=second_factors,
                token_gates=self._token_gates,
                wallet_names=self._wallet_names,
            ),
        )
        self.services = services
        self._faces = Faces(
            FrontendApi(services, frontend_api),
            BackendApi(services, backend_api),
            Pages(services),
            Proxies(settings.trusted_proxies),
            Metrics(services, self.purger),
        )
        self.running = False
        self._starting = asyncio.Lock()

    def _context_of_job(self, instance_id: str, db: Transaction) -> Context | None:
        instance = self.instances.by_id(instance_id)
        return instance and Context(self.services, db, instance, _operator_request(instance), NEWEST)

    async def start(self) -> None:
        """Bring the database up to date, read instances and keys, start background work. Idempotent.

        Raises:
            DatabaseUnavailable: the database cannot be reached; it may be tried again.
        """
        async with self._starting:
            if self.running:
                return
            await upgrade_if_needed(self.settings.database_url)
            await self.database.start()
            try:
                if self._wanted is not None:
                    await ensure_instance(self.database, self.clock, self._wanted)
                await self.reload()
            except BaseException:
                await self.database.stop()
                raise
            await self._limiter.start()
            await self.outbox.start()
            self._reloader.start()
            self._token_gates.start()
            self._wallet_names.start()
            self.purger.start()
            self.revoker.start()
            self.running = True

    async def reload(self) -> None:
        """Read instances and keys again."""
        await self.instances.load(self.database)
        await self.signing.load(self.database)

    async def poll(self) -> None:
        """Applies changes of other processes and key rotations that are due. Called about once a second."""
        if await self.instances.changed(self.database):
            await self.reload()
        else:
            self.signing.refresh()

    async def stop(self) -> None:
        if not self.running:
            return
        self.running = False
        await self._reloader.stop()
        await self._token_gates.stop()
        await self._wallet_names.stop()
        await self.purger.stop()
        await self.revoker.stop()
        await self.pictures.stop()
        await self.outbox.stop()
        await self._limiter.stop()
        await self.database.stop()
        self._passwords.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            if not self.running:  # mounted in an application that does not pass the lifespan on
                await self.start()
            await self._faces(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})
