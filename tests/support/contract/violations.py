"""Says in one line what an answer violates, also when the contract offers it a choice of shapes."""

from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

_TELLS_SHAPES_APART = ("object", "strategy")


def describe(error: ValidationError) -> str:
    """`response.sessions[0].status: "x" is not one of ...`, by the shape that was most likely meant."""
    where = _place(error.instance_path)
    match error.kind:
        case ValidationErrorKind.OneOfMultipleValid(context=branches):
            fitting = [str(number) for number, problems in enumerate(branches) if not problems]
            return f"{where}: fits more than one shape (numbers {', '.join(fitting)} of its oneOf)"
        case (
            ValidationErrorKind.OneOfNotValid(context=branches) | ValidationErrorKind.AnyOf(context=branches)
        ):
            meant = min(
                (branch for branch in branches if branch), key=lambda branch: _distance(error, branch)
            )
            return "; ".join(describe(problem) for problem in meant)
        case _:
            return f"{where}: {error.message}"


def _distance(error: ValidationError, branch: list[ValidationError]) -> tuple[bool, int, int]:
    """Distance of a shape from what was sent: another type, then another kind, then more problems."""
    depth = len(error.instance_path)
    other_type = any(
        problem.kind.name == "type" and len(problem.instance_path) == depth for problem in branch
    )
    other_kind = sum(
        1
        for problem in branch
        if problem.instance_path[-1:] and problem.instance_path[-1] in _TELLS_SHAPES_APART
    )
    return other_type, other_kind, len(branch)


def _place(path: list[Any]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".") or "the body"
