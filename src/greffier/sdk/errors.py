"""Every exception of the SDK. None of them ever carries a key, a token or a cookie in its text.

GreffierError
├── ConfigurationError          the app's settings cannot work
│   ├── InvalidKey              a key is malformed, or sits where another kind belongs
│   └── StartRefused            told while the app is being made
├── TokenVerificationError      a token is not acceptable; `.reason` says why
├── HandshakeError              a handshake answer could not be trusted (development only)
├── WebhookVerificationError    an event was not sent by the instance, or not now
├── ContextSpoofed              a request brings a value that only a middleware may set
└── BackendApiError             the Backend API was asked and could not help
    ├── BackendApiUnreachable   no answer at all
    └── BackendApiRefused       an answer with an error status
"""

from greffier.sdk.reasons import TokenReason


class GreffierError(Exception):
    """Base of every exception that the SDK raises on purpose."""


class ConfigurationError(GreffierError):
    """The settings given to the SDK cannot work; the text says which one and what to do."""


class StartRefused(ConfigurationError, SystemExit):
    """The settings cannot work, reported while the app is being made.

    It can be caught as a `ConfigurationError`. Uncaught, the interpreter prints the text alone and exits with
    status 1, as for any `SystemExit`: the mistake is in the settings, where no trace leads.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.code = f"greffier: {text}"


class InvalidKey(ConfigurationError, ValueError):
    """A publishable or secret key is malformed, or of the wrong kind for its place."""


class TokenVerificationError(GreffierError):
    """A token was refused. `reason` is one of the published reason codes.

    `is_outage`: it could not be verified, because keys or the Backend API cannot be reached.
    """

    def __init__(self, reason: TokenReason, message: str, *, is_outage: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.is_outage = is_outage


class HandshakeError(GreffierError):
    """In development: the handshake token or its session token could not be verified."""


class ContextSpoofed(GreffierError):
    """A request brings a value itself that only a middleware may set, under `key`."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Key {key} is being spoofed. Blocking this request.")
        self.key = key


class WebhookVerificationError(GreffierError):
    """The signature of a webhook request is missing, wrong or too old."""


class BackendApiError(GreffierError):
    """A call to the Backend API failed. `is_outage`: that says nothing about what was asked, only that it
    cannot be had now, or with this secret key."""

    is_outage = True


class BackendApiUnreachable(BackendApiError):
    """The Backend API gave no answer: connection refused, time-out, or a body that is not JSON."""


class BackendApiRefused(BackendApiError):
    """The Backend API answered with an error status.

    `code` is `errors[0].code` of the published error envelope, None when the body held none.
    """

    def __init__(self, status: int, code: str | None, message: str) -> None:
        super().__init__(f"The Backend API answered {status}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.is_outage = status in (401, 429) or status >= 500
