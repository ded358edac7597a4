"""Deviations from the contract, on a small contract: each allows what it names and nothing else."""

import copy
import json
from typing import Any

import pytest

from tests.support.contract.contract_patches import MisfitError
from tests.support.contract.contract_record import Record
from tests.support.contract.deviation_kinds import (
    Deviation,
    ExtraKey,
    ExtraOperation,
    ExtraStatus,
    OtherValue,
    PaginatedList,
)
from tests.support.contract.deviations import DEVIATIONS
from tests.support.contract.published import Answer, Contract

pytestmark = pytest.mark.usefixtures("separate_record")

JSON = "application/json"


def error(code: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": "No.", "long_message": "Not here."}]}


CONTRACT: dict[str, Any] = {
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "responses": {"200": {"$ref": "#/components/responses/Things"}},
            },
            "post": {
                "operationId": "createThing",
                "responses": {
                    "200": {"content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                },
            },
        },
        "/empty": {},
    },
    "components": {
        "responses": {
            "Things": {
                "content": {
                    JSON: {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}}
                }
            }
        },
        "schemas": {
            "Thing": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}},
                "additionalProperties": False,
            },
            "ClerkErrors": {
                "type": "object",
                "required": ["errors"],
                "properties": {"errors": {"type": "array"}},
            },
        },
    },
}

EXTRA_KEY = ExtraKey(
    face="fapi", name="key", reason="", schema="Thing", key="size", shape={"type": "integer"}
)
OTHER_VALUE = OtherValue(
    face="fapi", name="value", reason="", schema="Thing", key="id", shape={"type": "null"}
)
EXTRA_STATUS = ExtraStatus(
    face="fapi", name="status", reason="", operations=("createThing",), status=403, codes=("refused",)
)
PAGINATED = PaginatedList(face="fapi", name="pages", reason="", operations=("listThings",))
OPERATION = ExtraOperation(
    face="fapi",
    name="operation",
    reason="",
    method="GET",
    path="/empty",
    operation="getEmpty",
    answers={200: {"type": "object"}, 302: None},
)


def ask(row: Deviation | None, method: str, path: str, status: int, body: Any) -> list[str]:
    contract = Contract("fapi", copy.deepcopy(CONTRACT), [row] if row else [])
    sent = b"" if body is None else json.dumps(body).encode()
    return contract.check(contract.find(method, path), Answer(status, JSON, sent))


@pytest.mark.parametrize(
    ("row", "method", "path", "status", "body"),
    [
        (EXTRA_KEY, "POST", "/things", 200, {"id": "x", "size": 3}),
        (OTHER_VALUE, "POST", "/things", 200, {"id": None}),
        (EXTRA_STATUS, "POST", "/things", 403, error("refused")),
        (PAGINATED, "GET", "/things", 200, {"data": [{"id": "x"}], "total_count": 1}),
        (OPERATION, "GET", "/empty", 200, {}),
        (OPERATION, "GET", "/empty", 302, None),
    ],
)
def test_a_deviation_allows_what_it_names_and_is_recorded_as_used(
    separate_record: Record, row: Deviation, method: str, path: str, status: int, body: Any
):
    assert ask(None, method, path, status, body)
    assert separate_record.deviations == set()
    assert ask(row, method, path, status, body) == []
    assert separate_record.deviations == {row.name}


@pytest.mark.parametrize(
    ("row", "method", "path", "status", "body"),
    [
        (EXTRA_KEY, "POST", "/things", 200, {"id": "x", "size": "large"}),
        (EXTRA_KEY, "POST", "/things", 200, {"id": "x", "weight": 3}),
        (OTHER_VALUE, "POST", "/things", 200, {"id": 3}),
        (EXTRA_STATUS, "POST", "/things", 403, error("other")),
        (EXTRA_STATUS, "POST", "/things", 403, {"errors": []}),
        (EXTRA_STATUS, "GET", "/things", 403, error("refused")),
        (PAGINATED, "GET", "/things", 200, {"data": [{}], "total_count": 1}),
        (PAGINATED, "GET", "/things", 200, {"data": [{"id": "x"}]}),
        (OPERATION, "GET", "/empty", 200, []),
        (OPERATION, "GET", "/empty", 400, error("no")),
    ],
)
def test_a_deviation_allows_nothing_else(row: Deviation, method: str, path: str, status: int, body: Any):
    assert ask(row, method, path, status, body)


@pytest.mark.parametrize("row", [EXTRA_KEY, OTHER_VALUE, EXTRA_STATUS, PAGINATED])
def test_a_deviation_that_an_answer_does_not_need_is_not_recorded(separate_record: Record, row: Deviation):
    assert ask(row, "POST", "/things", 200, {"id": "x"}) == []
    assert ask(row, "GET", "/things", 200, [{"id": "x"}]) == []
    assert separate_record.deviations == set()


def test_an_extra_status_anywhere_is_also_for_requests_that_no_operation_takes():
    row = ExtraStatus(face="fapi", name="any", reason="", operations=("*",), status=403, codes=("refused",))
    assert ask(row, "GET", "/nothing", 403, error("refused")) == []
    assert ask(row, "GET", "/things", 403, error("refused")) == []


def test_a_deviation_belongs_to_one_face():
    row = ExtraKey(face="bapi", name="key", reason="", schema="Thing", key="size", shape={"type": "integer"})
    assert ask(row, "POST", "/things", 200, {"id": "x", "size": 3})


@pytest.mark.parametrize(
    "row",
    [
        ExtraKey(face="fapi", name="x", reason="", schema="Thing", key="id", shape={}),
        ExtraKey(face="fapi", name="x", reason="", schema="Nothing", key="id", shape={}),
        ExtraKey(face="fapi", name="x", reason="", schema="Thing/properties/other", key="id", shape={}),
        OtherValue(face="fapi", name="x", reason="", schema="Thing", key="size", shape={}),
        ExtraStatus(face="fapi", name="x", reason="", operations=("nope",), status=403, codes=("a",)),
        PaginatedList(face="fapi", name="x", reason="", operations=("nope",)),
        ExtraOperation(
            face="fapi", name="x", reason="", method="GET", path="/things", operation="x", answers={}
        ),
    ],
)
def test_a_deviation_that_does_not_fit_the_contract_is_refused(row: Deviation):
    with pytest.raises(MisfitError):
        ask(row, "GET", "/things", 200, [])


def test_every_deviation_has_a_name_of_its_own_and_a_reason():
    names = [row.name for row in DEVIATIONS]
    assert len(set(names)) == len(names)
    assert all(row.reason and row.summary for row in DEVIATIONS)
