"""Requirements of single views: decorators for functions, a mixin for classes."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, ClassVar, TypeVar, Unpack, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from greffier.django.asynchronous import is_asynchronous
from greffier.django.responses import response_of
from greffier.sdk.authorization import Preset, Reverification
from greffier.sdk.protection.current import request_auth_of
from greffier.sdk.protection.requirements import Conditions, Requirement
from greffier.sdk.steps import run, run_async

View = TypeVar("View", bound=Callable[..., Any])


def require_auth(**asked: Unpack[Conditions]) -> Callable[[View], View]:
    """Let only signed-in requests reach a view which satisfy everything that is asked for: `role`,
    `permission`, `feature`, `plan`, `reverification`, and the type of `token`.

    Signed-out pages are redirected to sign in, other requests get 401. A signed-in user who lacks something
    gets 403; a verification that is too old is reported in the published form, so that browser SDKs ask for
    it. Methods are decorated by Django's `method_decorator`.
    """
    return require(Requirement(**asked))


def require(requirement: Requirement) -> Callable[[View], View]:
    """Let only requests reach a view which satisfy a requirement."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refusal = run(requirement.refusal(request_auth_of(request)))
            return view(request, *args, **kwargs) if refusal is None else response_of(refusal)

        @wraps(view)
        async def guarded_async(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            refusal = await run_async(requirement.refusal(request_auth_of(request)))
            return await view(request, *args, **kwargs) if refusal is None else response_of(refusal)

        return cast("View", guarded_async if is_asynchronous(view) else guarded)

    return decorate


def login_required(view: View) -> View:
    """Let only signed-in requests reach a view: for routes that are public, and apps in lazy mode."""
    return require_auth()(view)


class RequireAuthMixin:
    """The same requirements for a class-based view, for all its methods. It comes before `View`."""

    required_role: ClassVar[str | None] = None
    required_permission: ClassVar[str | None] = None
    required_feature: ClassVar[str | None] = None
    required_plan: ClassVar[str | None] = None
    required_token: ClassVar[str | Sequence[str] | None] = None
    required_reverification: ClassVar[Preset | Reverification | None] = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer the request, by a coroutine if the view is asynchronous."""
        # The view that this is mixed into has it.
        dispatch = cast("Callable[..., Any]", super().dispatch)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        if getattr(self, "view_is_async", False):
            return self._dispatch_async(dispatch, request, *args, **kwargs)
        refusal = run(self._requirement().refusal(request_auth_of(request)))
        return dispatch(request, *args, **kwargs) if refusal is None else response_of(refusal)

    async def _dispatch_async(
        self, dispatch: Callable[..., Any], request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        refusal = await run_async(self._requirement().refusal(request_auth_of(request)))
        if refusal is not None:
            return response_of(refusal)
        return await dispatch(request, *args, **kwargs)

    def _requirement(self) -> Requirement:
        return Requirement(
            role=self.required_role,
            permission=self.required_permission,
            feature=self.required_feature,
            plan=self.required_plan,
            token=self.required_token,
            reverification=self.required_reverification,
        )


def redirect_to_sign_in(request: HttpRequest, return_to: str | None = None) -> HttpResponse:
    """The response that sends the visitor to sign in and back to `return_to`, by default to this URL."""
    return request_auth_of(request).redirect_to_sign_in(return_to)
