"""An app's own functions around authentication, synchronous or asynchronous."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from greffier.sdk.auth_object import AuthObject
from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.steps import Steps, ask

#: Called before authentication. None goes on; False leaves authentication out; anything else is the answer.
BeforeAuth = Callable[[AuthRequest], Any | Awaitable[Any]]
#: Called after it. None goes on to protection; True lets the request pass; anything else is the answer.
AfterAuth = Callable[[AuthObject, AuthRequest], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Call:
    hook: Callable[..., Any]
    arguments: tuple[Any, ...]

    def ask(self) -> Any:
        result = self.hook(*self.arguments)
        if not inspect.isawaitable(result):
            return result
        if inspect.iscoroutine(result):
            result.close()
        name = getattr(self.hook, "__name__", "hook")
        raise ConfigurationError(f"{name} is asynchronous; a synchronous application needs a plain function.")

    async def ask_async(self) -> Any:
        result = self.hook(*self.arguments)
        return await result if inspect.isawaitable(result) else result


def call_hook(hook: Callable[..., Any] | None, *arguments: Any) -> Steps[Any]:
    """The result of the app's function; None without one.

    Raises `ConfigurationError` when an asynchronous function meets a synchronous app.
    """
    if hook is None:
        return None
    return (yield from ask(_Call(hook, arguments)))
