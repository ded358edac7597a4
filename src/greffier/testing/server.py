"""`TestServer`: a whole server in the test's process, and the users and objects that tests make on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from greffier.testing.errors import ServerRefused
from greffier.testing.frontend import FrontendBrowser
from greffier.testing.handles.invitations import Invitation
from greffier.testing.handles.machines import Machine
from greffier.testing.handles.oauth import REDIRECT_URI, OAuthApplication
from greffier.testing.handles.organizations import Organization
from greffier.testing.handles.sessions import Session
from greffier.testing.handles.users import User
from greffier.testing.hosting.in_process import Headers, InProcessAnswer
from greffier.testing.hosting.running import DEFAULT_APP_URL, RunningServer
from greffier.testing.inbox import Message


class TestServer(RunningServer):
    """A private development server: `with TestServer() as server`, or `async with`.

    It answers in the test's process, without sockets, from a thread of its own, so that it can be used from
    plain functions, coroutines and threads. `listen` also opens a port.

    Args:
        settings: of the instance, as in the file of `greffier config`; what is not named has its default.
        rate_limits: apply the limits of a development server; tests ask more often than people do.
    """

    __test__ = False

    def create_user(
        self, *, email_address: str | None = None, password: str | None = None, **fields: Any
    ) -> User:
        """A new user, their email address verified.

        Args:
            password: without one they can sign in by a code.
            fields: any others of the Backend API's operation CreateUser, such as `public_metadata`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for an address that is taken.
        """
        given: dict[str, Any] = {"skip_password_requirement": password is None} | fields
        given |= {"email_address": [email_address]} if email_address else {}
        given |= {"password": password} if password is not None else {}
        data = self.backend_api("POST", "/v1/users", given)
        return User(data["id"], email_address, password, data)

    def create_organization(
        self, name: str, *, members: Mapping[User | str, str] | None = None, **fields: Any
    ) -> Organization:
        """A new organization. The instance's settings must have organizations switched on (`configure`).

        Args:
            members: the role of each user, or of each user's id, such as `org:admin`.
            fields: any others of the Backend API's operation CreateOrganization, such as `slug`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for a slug that is taken.
        """
        data = self.backend_api("POST", "/v1/organizations", {"name": name} | fields)
        for user, role in (members or {}).items():
            member = {"user_id": user.id if isinstance(user, User) else user, "role": role}
            self.backend_api("POST", f"/v1/organizations/{data['id']}/memberships", member)
        return Organization(data["id"], data["name"], data["slug"], data)

    def create_machine(
        self, name: str = "machine", *, reaches: Iterable[Machine | str] = (), **fields: Any
    ) -> Machine:
        """A new machine, to ask the app under test with its tokens.

        Args:
            reaches: machines, or their ids, that its tokens are good for.
            fields: any others of the Backend API's operation CreateMachine.

        Raises:
            ServerRefused: as the Backend API refuses.
        """
        reached = [other.id if isinstance(other, Machine) else other for other in reaches]
        given = {"name": name, "scoped_machines": reached} | fields
        return Machine(self, self.backend_api("POST", "/v1/machines", given))

    def create_invitation(self, email_address: str, **fields: Any) -> Invitation:
        """Invite an address to sign up, by a mail that is in `messages`.

        Args:
            fields: any others of the Backend API's operation CreateInvitation, such as `public_metadata`,
                `redirect_url` or `expires_in_days`.

        Raises:
            ServerRefused: as the Backend API refuses, such as for an address that is invited or taken.
        """
        data = self.backend_api("POST", "/v1/invitations", {"email_address": email_address} | fields)
        return Invitation(data["id"], data["email_address"], data["url"], data)

    def create_oauth_application(self, name: str = "application", **fields: Any) -> OAuthApplication:
        """Another application, whose users ask the app under test with its access tokens.

        Args:
            fields: any others of the Backend API's operation CreateOAuthApplication, such as `scopes`.

        Raises:
            ServerRefused: as the Backend API refuses.
        """
        given = {"name": name, "redirect_uris": [REDIRECT_URI]} | fields
        return OAuthApplication(self, self.backend_api("POST", "/v1/oauth_applications", given))

    def sign_in(
        self,
        user: User | str,
        *,
        actor: User | str | None = None,
        pending: bool = False,
        app_url: str = DEFAULT_APP_URL,
    ) -> Session:
        """Sign a user in, in a browser of their own. No password is asked for.

        Args:
            user: the user or their id.
            actor: the impersonator of the user.
            pending: the user's password becomes known to others first, so that the session is `pending` until
                they choose another one. They need a password.
            app_url: where the app under test is, for the tokens' `azp` and for cookies.

        Raises:
            ServerRefused: the user is banned or locked, or must give a second factor.
        """
        whom = user if isinstance(user, User) else User(user, None)
        if pending:
            self.backend_api("POST", f"/v1/users/{whom.id}/password/set_compromised")
        self._allow(app_url)
        parts = urlsplit(app_url)
        browser = FrontendBrowser(self._send_from_browser, f"{parts.scheme}://{parts.netloc}")
        ticket = self._ticket(whom.id, actor)
        sign_in = browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)["response"]
        if sign_in["status"] != "complete":
            raise ServerRefused(200, sign_in["status"], "a ticket does not sign this user in")
        return Session(self, browser, sign_in["created_session_id"], whom, app_url)

    def sign_out(self, session: Session) -> None:
        """End the session as its user does."""
        session.sign_out()

    def messages(self, to: str | None = None) -> list[Message]:
        """The mail that was written, to an address or to all, newest first."""
        return self._inbox.messages(to)

    def wait_for_message(self, to: str, *, timeout: float = 5) -> Message:
        """The next message to an address. Raises `TimeoutError` after `timeout` seconds of real time."""
        return self._inbox.wait_for(to, lambda _: True, timeout=timeout)

    def wait_for_code(self, to: str, *, timeout: float = 5) -> str:
        """The code of the next message to an address that has one; waits for `timeout` seconds of real time.

        Every code is given out once. Addresses with `+clerk_test` are sent none: their code is 424242.

        Raises:
            TimeoutError: none came.
        """
        return self._inbox.wait_for(to, lambda message: message.code is not None, timeout=timeout).code or ""

    def _send_from_browser(self, method: str, target: str, headers: Headers, body: bytes) -> InProcessAnswer:
        return self.request(method, target, headers, body)

    def _ticket(self, user_id: str, actor: User | str | None) -> str:
        if actor is None:
            return self.backend_api("POST", "/v1/sign_in_tokens", {"user_id": user_id})["token"]
        acting = {"sub": actor.id if isinstance(actor, User) else actor}
        return self.backend_api("POST", "/v1/actor_tokens", {"user_id": user_id, "actor": acting})["token"]

    def _allow(self, app_url: str) -> None:
        parts = urlsplit(app_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        allowed = cast("tuple[str, ...]", self._instance.settings.allowed_origins)
        if origin not in allowed:
            self.configure({"allowed_origins": [*allowed, origin]})
