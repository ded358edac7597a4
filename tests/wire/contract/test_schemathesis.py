"""Requests that schemathesis makes up from the published contracts: whatever is sent, the answer is one
that the contract knows, and never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case

from greffier.server.app import declare_operations
from greffier.server.versions import NEWEST
from greffier.server.web.operations.declaration import Face as OurFace
from greffier.server.web.operations.declaration import backend_api, frontend_api
from tests.support.contract.published import DATE, Face, check_response, shared_directory
from tests.support.services.processes import Serving, SignedIn, apply_settings, greffier_dev
from tests.wire.contract.test_operations import shape

BOUNDED = settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def contract_of_what_is_built(face: Face, ours: OurFace, prefix: str) -> Any:
    """The published document without the operations that answer 501."""
    declare_operations()
    document = yaml.load(
        (shared_directory() / "openapi" / f"{face}-{DATE}.yml").read_text(), yaml.CSafeLoader
    )
    built = {(o.method, shape(o.path)) for o in ours.operations}
    document["paths"] = {
        path: kept
        for path, item in document["paths"].items()
        if (kept := {m: o for m, o in item.items() if (m.upper(), shape(prefix + path)) in built})
    }
    return schemathesis.openapi.from_dict(document)


FRONTEND = contract_of_what_is_built("fapi", frontend_api, "")
BACKEND = contract_of_what_is_built("bapi", backend_api, "/v1")


@pytest.fixture(scope="module")
def dev_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server of its own, on which what is off by default is on."""
    with greffier_dev(tmp_path_factory.mktemp("schemathesis")) as serving:
        apply_settings(serving.data, serving.url, "[organizations]\nenabled = true\n")
        yield serving


@pytest.fixture(scope="module")
def person(dev_server: Serving) -> SignedIn:
    return dev_server.sign_up("schemathesis+clerk_test@example.com")


@FRONTEND.parametrize()
@BOUNDED
def test_frontend_api_answers_within_its_contract(case: Case, dev_server: Serving, person: SignedIn) -> None:
    headers = {"origin": person.origin, "cookie": f"__client={person.client_cookie}"}
    ask(dev_server, "fapi", case, headers=headers, params={"__clerk_api_version": NEWEST})


@BACKEND.parametrize()
@BOUNDED
def test_backend_api_answers_within_its_contract(case: Case, dev_server: Serving) -> None:
    headers = {"authorization": f"Bearer {dev_server.secret_key}", "clerk-api-version": NEWEST}
    ask(dev_server, "bapi", case, headers=headers, base_path="/v1")


def ask(server: Serving, face: Face, case: Case, *, base_path: str = "", **sent: Any) -> None:
    response = case.call(base_url=server.url + base_path, allow_redirects=False, **sent)
    path = httpx.URL(str(response.request.url)).path.removeprefix(base_path)
    problems = check_response(
        face,
        case.method,
        path,
        response.status_code,
        next(iter(response.headers.get("content-type", [])), None),
        response.content,
    )
    assert response.status_code != 500, response.text
    assert not problems, "\n".join(problems)
