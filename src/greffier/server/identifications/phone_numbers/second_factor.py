"""Phone numbers as second factors, which this server does not have yet."""

from __future__ import annotations

from greffier.server import errors


def refuse_second_factor(*, reserved: bool | None, default: bool | None = None) -> None:
    """Refuses to make a number a second factor.

    Raises:
        ApiError: 422 when it is asked for.
    """
    if default is False:
        raise errors.default_second_factor_needed()
    asked = {"reserved_for_second_factor": reserved, "default_second_factor": default}
    problems = [errors.param_not_enabled(name) for name, value in asked.items() if value]
    if problems:
        raise errors.invalid_params(*problems)
