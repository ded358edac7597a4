"""Applies rows of `deviations.py` to a contract, in a way that tells which rows the answers of a run used."""

from collections.abc import Iterable
from typing import Any

from tests.support.contract.contract_record import RECORD
from tests.support.contract.deviation_kinds import (
    Deviation,
    ExtraKey,
    ExtraOperation,
    OtherValue,
    PaginatedList,
    Schema,
)

KEYWORD = "x-greffier-deviation"
"""A JSON Schema keyword of our own: where it is reached, the row it names has been used."""


class RecordUse:
    """The meaning of `KEYWORD` for the validator: always content, and remembers."""

    def __init__(self, parent_schema: dict[str, Any], value: str, schema_path: list[str | int]) -> None:
        self._name = value

    def validate(self, instance: Any) -> None:
        RECORD.deviations.add(self._name)


class MisfitError(Exception):
    """A row does not fit the contract: what it changes is not there, or needs no change any more."""


def apply(document: dict[str, Any], rows: Iterable[Deviation]) -> None:
    """Change `document`, whose schemas are JSON Schema already, as `rows` say."""
    for row in rows:
        match row:
            case ExtraKey():
                _add_key(document, row)
            case OtherValue():
                _allow_value(document, row)
            case ExtraOperation():
                _add_operation(document, row)
            case PaginatedList():
                _allow_pages(document, row)
            case _:
                pass  # the other kinds change no schema; `contract.py` reads them


def _recorded(row: Deviation, shape: Schema) -> dict[str, Any]:
    return {**shape, KEYWORD: row.name}


def _component(document: dict[str, Any], row: ExtraKey | OtherValue) -> dict[str, Any]:
    node: Any = document["components"]["schemas"]
    path = row.schema
    if path.startswith("#/"):
        node, path = document, path.removeprefix("#/")
    for step in path.split("/"):
        if isinstance(node, list):
            node = node[int(step)]
        else:
            node = node.get(step.replace("~1", "/")) if isinstance(node, dict) else None
    if not isinstance(node, dict) or "properties" not in node:
        raise MisfitError(f"{row.name}: the contract has no object {row.schema}")
    return node


def _add_key(document: dict[str, Any], row: ExtraKey) -> None:
    component = _component(document, row)
    if row.key in component["properties"] or component.get("additionalProperties", True) is not False:
        raise MisfitError(f"{row.name}: the contract allows {row.key!r} in {row.schema} already")
    component["properties"][row.key] = _recorded(row, row.shape)


def _allow_value(document: dict[str, Any], row: OtherValue) -> None:
    properties = _component(document, row)["properties"]
    if row.key not in properties:
        raise MisfitError(f"{row.name}: the contract has no {row.key!r} in {row.schema}")
    properties[row.key] = {"anyOf": [properties[row.key], _recorded(row, row.shape)]}


def _add_operation(document: dict[str, Any], row: ExtraOperation) -> None:
    item = document["paths"].setdefault(row.path, {})
    if row.method.lower() in item:
        raise MisfitError(f"{row.name}: the contract has {row.method} {row.path} already")
    responses: dict[str, Any] = {}
    for status, shape in row.answers.items():
        content = {} if shape is None else {"application/json": {"schema": shape}}
        responses[str(status)] = {"content": content}
    item[row.method.lower()] = {"operationId": row.operation, "responses": responses}


def _allow_pages(document: dict[str, Any], row: PaginatedList) -> None:
    by_id = {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for name in row.operations:
        if name not in by_id:
            raise MisfitError(f"{row.name}: the contract has no operation {name}")
        responses = by_id[name]["responses"]
        response = responses["200"]
        if "$ref" in response:
            response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[-1]]
        items = response["content"]["application/json"]["schema"]
        responses["200"] = {
            "content": {"application/json": {"schema": {"anyOf": [items, _page(row, items)]}}}
        }


def _page(row: Deviation, items: Schema) -> dict[str, Any]:
    shape: Schema = {
        "type": "object",
        "required": ["data", "total_count"],
        "properties": {"data": items, "total_count": {"type": "integer"}},
        "additionalProperties": False,
    }
    return _recorded(row, shape)
