"""The report of `make conformance`: what counts as built and conforming."""

import pytest

from scripts.conformance import page, report, state_of
from tests.support.contract.contract_record import Record
from tests.support.contract.published import find_operation


@pytest.mark.parametrize(
    ("right", "wrong", "state"),
    [
        ([], [], "not built"),
        ([501], [], "not built"),
        ([501, 401], [], "only errors"),
        ([401, 200], [], "conforms"),
        ([307], [], "conforms"),
        ([200], [400], "differs"),
    ],
)
def test_an_operation_conforms_when_it_succeeded_and_no_answer_was_wrong(
    right: list[int], wrong: list[int], state: str
):
    operation = find_operation("fapi", "GET", "/v1/client")
    assert operation is not None
    record = Record()
    for counter, statuses in ((record.answers, right), (record.problems, wrong)):
        counter.update(("fapi", "getClient", status) for status in statuses)
        counter["bapi", "GetUser", 200] += 1
    assert state_of(operation, record) == state


def test_the_report_counts_by_face_and_tag_and_tells_which_deviations_were_needed():
    record = Record(deviations={"client-touch"})
    record.answers["fapi", "getClient", 200] += 3
    record.problems["bapi", "GetUser", 200] += 1
    lines = list(report(record))
    assert lines[0].startswith("Frontend API: 1 of ")
    assert "  differs: GetUser" in lines
    assert any(line.startswith("  + fapi client-touch: GET /v1/client/touch") for line in lines)
    assert any(line.startswith("  - bapi paginated-lists: ") for line in lines)


def test_the_page_of_the_documentation_counts_the_same():
    record = Record()
    record.answers["fapi", "getClient", 200] += 1
    lines = list(page(record))
    assert any(line.startswith("## Frontend API: 1 of ") for line in lines)
    assert any(line.startswith("| Client | 1 | ") for line in lines)
    assert any(line.startswith("## Backend API: 0 of ") for line in lines)
