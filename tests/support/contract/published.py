"""Checks answers of the server against the published contract, which is read from outside of the repository.

    problems = check_response("fapi", "GET", "/v1/client", 200, "application/json", body)

An empty list means that the answer conforms. Differences we stand by are rows of `deviations.py`.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from tests.support.contract.contract_patches import KEYWORD, MisfitError, RecordUse, apply
from tests.support.contract.contract_record import RECORD, Record
from tests.support.contract.deviation_kinds import (
    ANYWHERE,
    Deviation,
    ExtraOperation,
    ExtraStatus,
    Face,
    RefusedValue,
)
from tests.support.contract.deviations import DEVIATIONS
from tests.support.contract.openapi_schema import json_schema
from tests.support.contract.violations import describe

DATE = "2026-05-12"
"""The newest date whose contract is published; answers of older dates are not checked here."""

ENVELOPE_ANYWHERE = frozenset({401, 413, 415, 429, 501, 503})
"""Statuses that any operation may answer with, in the error envelope."""

METHODS = ("get", "post", "put", "patch", "delete")

_JSON = "application/json"
_ENVELOPE = {_JSON: "/components/schemas/ClerkErrors"}
_REFUSED = 422
_NO_SUCH_OPERATION = frozenset({404, 405})


class ContractError(Exception):
    """The contract cannot be read."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    face: Face
    operation_id: str
    method: str
    """In upper case."""
    path: str
    """As published: with `/v1` on the Frontend API, without on the Backend API; parameters in braces."""
    tag: str
    answers: Mapping[int, Mapping[str, str]]
    """Status to media type to the JSON pointer of the body's schema; empty where no body is described."""


def shared_directory() -> Path:
    """`GREFFIER_SHARED_DIR`, else `shared` beside the checkout."""
    beside = Path(__file__).parents[3].parent / "shared"
    return Path(os.environ.get("GREFFIER_SHARED_DIR") or beside)


def operations(face: Face) -> tuple[Operation, ...]:
    """Every operation of a face, in the order of the contract."""
    return _contract(face).operations


def find_operation(face: Face, method: str, path: str) -> Operation | None:
    """The operation that a request is for; `path` without its query.

    Repeated and trailing slashes do not matter, a HEAD is a GET, and a Backend path may begin with `/v1`.
    """
    return _contract(face).find("GET" if method.upper() == "HEAD" else method.upper(), path)


def check_response(
    face: Face, method: str, path: str, status: int, content_type: str | None, body: bytes
) -> list[str]:
    """Returns what an answer of the newest date violates; `method` is the effective one, after `_method`."""
    method = method.upper()
    if method == "OPTIONS":
        return []  # a preflight belongs to CORS, not to an operation
    contract = _contract(face)
    operation = find_operation(face, method, path)
    answer = Answer(status, content_type, body, has_body=method != "HEAD")
    problems = contract.check(operation, answer)
    name = operation.operation_id if operation else "no operation of the contract"
    (RECORD.problems if problems else RECORD.answers)[face, name, status] += 1
    return [f"{method} {path} ({name}) {status}: {problem}" for problem in problems]


def unused_deviations(record: Record = RECORD) -> list[Deviation]:
    """The rows that no answer of a run needed."""
    return [row for row in DEVIATIONS if row.name not in record.deviations]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str | None
    body: bytes
    has_body: bool = True
    """False after HEAD: only status and content type can be looked at."""


class Contract:
    """One face's document with its deviations, and the validators made from it when they are first needed."""

    def __init__(self, face: Face, document: dict[str, Any], rows: Sequence[Deviation] = ()) -> None:
        self.face: Face = face
        self._document = json_schema(document)
        rows = [row for row in rows if row.face == face]
        apply(self._document, rows)
        self.operations = tuple(self._read_operations())
        self._extra_statuses = [row for row in rows if isinstance(row, ExtraStatus)]
        for row in self._extra_statuses:
            self._require_operations(row)
        self._refused_values = [row for row in rows if isinstance(row, RefusedValue)]
        for row in self._refused_values:
            self._require_operations(row)
        self._extra_operations = {row.operation: row.name for row in rows if isinstance(row, ExtraOperation)}
        self._routes = [(_path_pattern(operation.path), operation) for operation in self.operations]
        self._uri = f"urn:contract:{face}"
        self._registry = jsonschema_rs.Registry([(self._uri, self._document)])
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def find(self, method: str, path: str) -> Operation | None:
        path = "/" + "/".join(part for part in path.split("/") if part)
        if self.face == "bapi":
            path = path.removeprefix("/v1")
        fitting = [
            operation
            for pattern, operation in self._routes
            if operation.method == method and pattern.fullmatch(path)
        ]
        return min(fitting, key=lambda operation: operation.path.count("{"), default=None)

    def check(self, operation: Operation | None, answer: Answer) -> list[str]:
        """Problems by the first reading of the rules that applies; none if any reading is content."""
        readings: list[list[str]] = []
        if operation and answer.status in operation.answers:
            readings.append(self._check_described(operation.answers[answer.status], answer))
            if operation.operation_id in self._extra_operations:
                RECORD.deviations.add(self._extra_operations[operation.operation_id])
        if operation and answer.status == _REFUSED:
            self._record_refusal(operation, answer)
        if answer.status in ENVELOPE_ANYWHERE or (operation is None and answer.status in _NO_SUCH_OPERATION):
            readings.append(self._check_body(_ENVELOPE, answer))
        readings += [
            self._check_extra_status(row, answer)
            for row in self._extra_statuses
            if row.status == answer.status and _covers(row, operation)
        ]
        if not readings:
            return [
                "this status is not in the contract" if operation else "this operation is not in the contract"
            ]
        return [] if [] in readings else readings[0]

    def _record_refusal(self, operation: Operation, answer: Answer) -> None:
        rows = [row for row in self._refused_values if operation.operation_id in row.operations]
        if rows and answer.body:
            named = {error.get("meta", {}).get("param_name") for error in json.loads(answer.body)["errors"]}
            RECORD.deviations |= {row.name for row in rows if row.param in named}

    def _check_described(self, bodies: Mapping[str, str], answer: Answer) -> list[str]:
        if bodies:
            return self._check_body(bodies, answer)
        if answer.status == 204 or 300 <= answer.status < 400:
            return ["there must be no body"] if answer.body else []
        if answer.status >= 400 and answer.body:  # the contract forgot to say that it is the envelope
            return self._check_body(_ENVELOPE, answer)
        return []

    def _check_body(self, bodies: Mapping[str, str], answer: Answer) -> list[str]:
        media_type = (answer.content_type or "").partition(";")[0].strip().lower()
        if self.face == "bapi" and media_type == _JSON and answer.content_type != _JSON:
            return [f"content type is {answer.content_type!r}, which @clerk/backend reads as text"]
        if media_type not in bodies:
            return [f"content type is {answer.content_type!r} instead of {' or '.join(bodies)}"]
        if not answer.has_body or media_type != _JSON:
            return []
        try:
            value = json.loads(answer.body, parse_constant=_refuse_constant)
        except ValueError as error:
            return [f"the body is not JSON: {error}"]
        return self._violations(bodies[media_type], value)

    def _check_extra_status(self, row: ExtraStatus, answer: Answer) -> list[str]:
        problems = self._check_body(_ENVELOPE, answer)
        if problems or not answer.has_body:
            return problems
        codes = [error["code"] for error in json.loads(answer.body)["errors"]]
        if codes[:1] and codes[0] in row.codes:
            RECORD.deviations.add(row.name)
            return []
        return [f"this status is only allowed with {' or '.join(row.codes)}, not {codes}"]

    def _violations(self, pointer: str, value: Any) -> list[str]:
        validator = self._validators.get(pointer)
        if validator is None:
            validator = self._validators[pointer] = jsonschema_rs.validator_for(
                {"$ref": f"{self._uri}#{pointer}"},
                registry=self._registry,
                keywords={KEYWORD: RecordUse},
                validate_formats=True,
            )
        if validator.is_valid(value):
            return []
        return [describe(error) for error in validator.iter_errors(value)]

    def _read_operations(self) -> list[Operation]:
        return [
            self._read_operation(path, method, item[method])
            for path, item in self._document["paths"].items()
            for method in METHODS
            if method in item
        ]

    def _read_operation(self, path: str, method: str, described: dict[str, Any]) -> Operation:
        base = f"/paths/{_escape(path)}/{method}/responses"
        answers = {
            int(status): self._bodies(f"{base}/{status}", response)
            for status, response in described["responses"].items()
        }
        tags = described.get("tags") or ["Other"]
        return Operation(self.face, described["operationId"], method.upper(), path, tags[0], answers)

    def _bodies(self, pointer: str, response: dict[str, Any]) -> Mapping[str, str]:
        if "$ref" in response:
            name = response["$ref"].rsplit("/", 1)[-1]
            pointer, response = (
                f"/components/responses/{name}",
                self._document["components"]["responses"][name],
            )
        return {
            media_type: f"{pointer}/content/{_escape(media_type)}/schema"
            for media_type in response.get("content", {})
        }

    def _require_operations(self, row: ExtraStatus | RefusedValue) -> None:
        known = {operation.operation_id for operation in self.operations}
        unknown = set(row.operations) - known - set(ANYWHERE)
        if unknown:
            raise MisfitError(f"{row.name}: the contract has no operation {', '.join(sorted(unknown))}")


@cache
def _contract(face: Face) -> Contract:
    path = shared_directory() / "openapi" / f"{face}-{DATE}.yml"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ContractError(
            f"{path} cannot be read: set GREFFIER_SHARED_DIR to the folder that holds openapi/"
        ) from error
    return Contract(face, yaml.load(text, Loader=yaml.CSafeLoader), DEVIATIONS)


def _covers(row: ExtraStatus, operation: Operation | None) -> bool:
    return row.operations == ANYWHERE or (operation is not None and operation.operation_id in row.operations)


def _path_pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _escape(step: str) -> str:
    """RFC 6901, inside of a URI fragment."""
    return step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
