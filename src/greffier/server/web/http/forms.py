"""From bytes to a checked struct: form, multipart, JSON or query string, all errors at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect as types

from greffier.server import errors
from greffier.server.errors import ApiError, ErrorItem
from greffier.server.web.http.documents import MAX_BODY_DEPTH, has_nul, is_too_deep

T = TypeVar("T", bound=msgspec.Struct)
Source = Literal["form", "json", "query"]

MAX_BODY = 1024 * 1024
"""Bytes of a request body that is no file."""
MAX_UPLOAD = 10 * 1024 * 1024
"""Bytes of a request body with a file."""
MAX_ITEMS = 100
"""Of a request body that is an array; each item may bring errors of its own."""


_WRONG_TYPE = re.compile(r"Expected `[^`]*`, got `")
"""The message of `msgspec` for a JSON value of another type; all others are about the value."""


class Body(msgspec.Struct, frozen=True):
    """A parsed body: form values keep their repetitions, JSON its types."""

    source: Source
    values: dict[str, Any]
    files: dict[str, bytes] = {}
    items: list[Any] | None = None
    """The body is this JSON array and not an object."""

    def pop_text(self, name: str) -> str | None:
        """Take a value that belongs to the transport, not to the operation."""
        value = self.values.pop(name, None)
        return value[-1] if isinstance(value, list) and value else value if isinstance(value, str) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


EMPTY = Body("form", {})


def parse_query(query_string: bytes) -> dict[str, list[str]]:
    """The query string, repetitions kept.

    Raises:
        ApiError: 400 when it is no UTF-8.
    """
    return _pairs(query_string, "query string")


def _pairs(data: bytes, what: str) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    if not data:
        return values
    if data.isascii() and b"%" not in data and b"+" not in data and b"\0" not in data:
        # Nothing is encoded, which is the rule for what SDKs send on every request.
        for part in data.decode("ascii").split("&"):
            name, _, value = part.partition("=")
            if part:
                values.setdefault(name, []).append(value)
        return values
    try:
        pairs = parse_qsl(data.decode(), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        raise errors.body_invalid(f"The {what} is not valid UTF-8, or has too many fields.") from None
    for name, value in pairs:
        if "\0" in value or "\0" in name:
            raise errors.invalid_params(
                errors.param_format_invalid(name.replace("\0", ""), "NUL is not allowed.")
            )
        values.setdefault(name, []).append(value)
    return values


async def parse_body(content_type: str, data: bytes, *, upload: bool = False, array: bool = False) -> Body:
    """A body of any of the content types that SDKs send.

    Args:
        upload: the operation takes a file, which may be the whole body.
        array: the operation takes a JSON array.

    Raises:
        ApiError: 400 for a body that is not what its content type says, 415 for another content type.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not data:
        return Body("json" if kind == "application/json" else "form", {})
    if kind == "application/json":
        return Body("json", {}, items=_json_array(data)) if array else Body("json", _json_object(data))
    if kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        return Body("form", _pairs(data, "form"))
    if kind == "multipart/form-data":
        files: dict[str, bytes] = {}
        return Body("form", await _multipart(content_type, data, files), files if upload else {})
    if kind == "application/octet-stream" and upload:
        return Body("form", {}, {"file": data})
    raise errors.unsupported_media_type(content_type)


def _json_object(data: bytes) -> dict[str, Any]:
    value = _json(data)
    if not isinstance(value, dict):
        raise errors.body_invalid("The body must be a JSON object.")
    return value  # pyright: ignore[reportUnknownVariableType]


def _json_array(data: bytes) -> list[Any]:
    value = _json(data)
    if not isinstance(value, list):
        raise errors.body_invalid("The body must be a JSON array.")
    if len(value) > MAX_ITEMS:  # pyright: ignore[reportUnknownArgumentType]
        raise errors.body_invalid(f"The body may have {MAX_ITEMS} items at most.")
    return value  # pyright: ignore[reportUnknownVariableType]


def _json(data: bytes) -> Any:
    try:
        value: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise errors.body_invalid("The body is not valid JSON.") from None
    if is_too_deep(value, MAX_BODY_DEPTH):
        raise errors.body_invalid(f"The body may nest {MAX_BODY_DEPTH} levels at most.")
    if b"\\u0000" in data and has_nul(value):
        raise errors.body_invalid("NUL is not allowed in text.")
    return value


async def _multipart(content_type: str, data: bytes, files: dict[str, bytes]) -> dict[str, list[str]]:
    """The text of a form; its files are put into `files`."""
    from starlette.datastructures import Headers
    from starlette.formparsers import MultiPartException, MultiPartParser

    async def stream():
        yield data

    try:
        form = await MultiPartParser(Headers({"content-type": content_type}), stream()).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise errors.body_invalid("The body is not a valid multipart form.") from None
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            if "\0" in value:
                raise errors.invalid_params(errors.param_format_invalid(name, "NUL is not allowed."))
            values.setdefault(name, []).append(value)
        else:
            files[name] = await value.read()
    return values


class _Field(msgspec.Struct, frozen=True):
    name: str
    type: Any
    kind: Literal["scalar", "list", "object", "file"]
    nullable: bool
    required: bool


@cache
def _plan(struct: type[msgspec.Struct]) -> dict[str, _Field]:
    plan: dict[str, _Field] = {}
    for field in msgspec.structs.fields(struct):
        described = types.type_info(field.type)
        options = described.types if isinstance(described, types.UnionType) else (described,)
        kind: Literal["scalar", "list", "object", "file"] = "scalar"
        if any(isinstance(option, types.ListType | types.VarTupleType) for option in options):
            kind = "list"
        elif any(isinstance(option, types.DictType) for option in options):
            kind = "object"
        elif any(isinstance(option, types.BytesType) for option in options):
            kind = "file"
        nullable = any(isinstance(option, types.NoneType) for option in options)
        plan[field.encode_name] = _Field(field.encode_name, field.type, kind, nullable, field.required)
    return plan


def bind(struct: type[T], body: Body, *, ignore_unknown: bool) -> T:
    """The struct that an operation reads.

    Args:
        ignore_unknown: the Frontend API ignores what it does not know, the Backend API refuses it.

    Raises:
        ApiError: 422 with one entry for every parameter that is unknown, missing or malformed; 400 for a form
            that lacks nothing but its file.
    """
    plan = _plan(struct)
    unknown = [] if ignore_unknown else [k for k in body.values if k.removesuffix("[]") not in plan]
    problems: list[ErrorItem] = [errors.param_unknown(name) for name in unknown]
    values: dict[str, Any] = {}
    no_file = False
    for field in plan.values():
        try:
            found, value = _value(field, body)
        except ApiError as error:
            problems.extend(error.items)
            continue
        if found:
            values[field.name] = value
        elif field.required:
            problems.append(errors.param_missing(field.name))
            no_file = field.kind == "file"
    if no_file and len(problems) == 1:
        raise errors.ApiError(400, *problems)
    if not problems:
        try:
            return msgspec.convert(values, struct, strict=body.source == "json")
        except msgspec.ValidationError:
            problems.extend(_malformed(plan, values, strict=body.source == "json"))
    raise errors.invalid_params(*problems)


def bind_items(struct: type[T], body: Body, *, ignore_unknown: bool) -> list[T]:
    """The structs that an operation reads whose body is an array.

    Raises:
        ApiError: 400 when the body is none; 422 with an entry for every parameter of any item that is
            unknown, missing or malformed. The entry names the item.
    """
    if body.items is None:
        raise errors.body_invalid("The body must be a JSON array.")
    bound: list[T] = []
    problems: list[ErrorItem] = []
    for index, item in enumerate(body.items):
        if not isinstance(item, dict):
            problems.append(errors.at_item(errors.param_format_invalid("items", "This is no object."), index))
            continue
        try:
            bound.append(bind(struct, Body("json", item), ignore_unknown=ignore_unknown))  # pyright: ignore[reportUnknownArgumentType]
        except ApiError as error:
            problems.extend(errors.at_item(problem, index) for problem in error.items)
    if problems:
        raise errors.invalid_params(*problems)
    return bound


def _malformed(plan: dict[str, _Field], values: dict[str, Any], *, strict: bool) -> Iterable[ErrorItem]:
    for name, value in values.items():
        field = plan[name]
        try:
            msgspec.convert(value, field.type, strict=strict)
        except msgspec.ValidationError as error:
            if value is None:
                yield errors.param_nil(name)
            elif strict and _WRONG_TYPE.match(str(error)):
                yield errors.param_type_invalid(name, str(error))
            else:
                yield errors.param_format_invalid(name, f"{name} is invalid: {error}.")


def _value(field: _Field, body: Body) -> tuple[bool, Any]:
    if field.kind == "file":
        return field.name in body.files, body.files.get(field.name)
    if body.source == "json":
        return field.name in body.values, body.values.get(field.name)
    given: list[str] = [*body.values.get(field.name, ()), *body.values.get(field.name + "[]", ())]
    if not given:
        return False, None
    if field.kind == "list":
        parts = [part for v in given for part in (v.split(",") if body.source == "query" else (v,))]
        return True, [part for part in parts if part]
    if body.source == "query":
        # The browser SDK splits a query value at its commas into repeated keys; this puts it together again.
        text = ",".join(given)
    elif len(given) > 1:
        raise errors.invalid_params(errors.form_item("form_param_duplicate", field.name, "is given twice"))
    else:
        text = given[0]
    if text == "" and field.nullable:
        return True, None  # forms have no null: SDKs send the empty string
    if field.kind == "object":
        return True, _embedded_object(field.name, text)
    return True, text


def _embedded_object(name: str, text: str) -> Any:
    try:
        return _json_object(text.encode())
    except ApiError:
        raise errors.invalid_params(
            errors.param_format_invalid(name, f"{name} must be a JSON object.")
        ) from None
