"""Phone numbers by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk, models

from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, apply_settings, greffier_dev
from tests.wire.sdks.test_node_sdk import client_of

pytestmark = pytest.mark.sdk

SETTINGS = """
[attributes.phone_number]
enabled = true
identifier = true
first_factors = ["phone_code"]
second_factors = ["phone_code"]
verifications = ["phone_code"]
verify_at_sign_up = true
"""
_numbers = count(1000)


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("phones")) as serving:
        apply_settings(serving.data, serving.url, SETTINGS)
        yield serving


class Node:
    """`@clerk/backend` at this server."""

    def __init__(self, sdk: NodeSdk, server: Serving) -> None:
        self._sdk, self._client = sdk, client_of(server)

    def call(self, method: str, *args: Any) -> Any:
        return self._sdk.result("call", client=self._client, method=method, args=list(args))

    def refusal(self, method: str, *args: Any) -> tuple[int, str]:
        answer = self._sdk.ask("call", client=self._client, method=method, args=list(args))
        return answer["status"], answer["errors"][0]["code"]


@pytest.fixture
def node(node_sdk: NodeSdk, phones: Serving) -> Node:
    return Node(node_sdk, phones)


@pytest.fixture
def python(phones: Serving) -> Iterator[Clerk]:
    with Clerk(bearer_auth=phones.secret_key, server_url=f"{phones.url}/v1") as clerk:
        yield clerk


def new_number() -> str:
    """One that no user has yet."""
    return f"+1202555{next(_numbers)}"


def new_user(python: Clerk, *numbers: str, **fields: Any) -> models.User:
    fields = {"skip_password_requirement": True, "skip_user_requirement": True} | fields
    return python.users.create(phone_number=list(numbers), **fields)


def refusal(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(models.ClerkErrors) as refused:
        call()
    return refused.value.raw_response.status_code, refused.value.data.errors[0].code


def code_sent_to(server: Serving, number: str) -> str:
    return httpx.get(f"{server.url}/inbox", params={"to": number}).json()[0]["code"]


# --- Node.js ------------------------------------------------------------------------------------------------


def test_node_sdk_manages_numbers(node: Node, python: Clerk) -> None:
    first, second = new_number(), new_number()
    user = new_user(python, first)
    made = node.call(
        "phoneNumbers.createPhoneNumber", {"userId": user.id, "phoneNumber": second, "verified": True}
    )
    primary = node.call("phoneNumbers.updatePhoneNumber", made["id"], {"primary": True})
    shown = node.call("users.getUser", user.id)
    read = node.call("phoneNumbers.getPhoneNumber", made["id"])
    released = node.call("phoneNumbers.updatePhoneNumber", user.phone_numbers[0].id, {"verified": False})
    last = node.refusal("phoneNumbers.deletePhoneNumber", made["id"])
    node.call("phoneNumbers.updatePhoneNumber", user.phone_numbers[0].id, {"verified": True})
    deleted = node.call("phoneNumbers.deletePhoneNumber", made["id"])

    assert (made["phoneNumber"], made["verification"]["status"]) == (second, "verified")
    assert primary["id"] == shown["primaryPhoneNumberId"] == made["id"]
    assert read["phoneNumber"] == second
    assert released["verification"] is None or released["verification"]["status"] != "verified"
    assert last == (400, "last_required_identification_deletion_failed")
    assert (deleted["id"], deleted["deleted"]) == (made["id"], True)
    assert node.refusal("phoneNumbers.getPhoneNumber", made["id"]) == (404, "resource_not_found")


def test_node_sdk_makes_a_number_a_second_factor(node: Node, python: Clerk) -> None:
    user = new_user(python, new_number(), new_number())

    reserved = node.call(
        "phoneNumbers.updatePhoneNumber", user.phone_numbers[1].id, {"reservedForSecondFactor": True}
    )

    assert (reserved["reservedForSecondFactor"], reserved["defaultSecondFactor"]) == (True, True)
    assert node.call("users.getUser", user.id)["twoFactorEnabled"] is True


def test_node_sdk_creates_replaces_and_finds_users_by_number(node: Node) -> None:
    number, reserved, other = new_number(), new_number(), new_number()
    made = node.call(
        "users.createUser",
        {
            "phoneNumber": [number, reserved],
            "phoneNumberIdentificationStatus": ["verified", "reserved"],
            "skipPasswordRequirement": True,
            "skipUserRequirement": True,
        },
    )
    exact = node.call("users.getUserList", {"phoneNumber": [number], "orderBy": "-phone_number"})
    partial = node.call("users.getUserList", {"query": number[4:]})
    counted = node.call("users.getCount", {"phoneNumber": [number, other]})
    replaced = node.call("users.replaceUserPhoneNumber", made["id"], {"phoneNumber": other})

    shown = {one["phoneNumber"]: one for one in made["phoneNumbers"]}
    assert shown[number]["verification"]["status"] == "verified"
    assert shown[reserved]["verification"] is None or shown[reserved]["reserved"]
    assert [one["id"] for one in exact["data"]] == [made["id"]]
    assert made["id"] in [one["id"] for one in partial["data"]]
    assert counted == 1
    assert (replaced["phoneNumber"], replaced["verification"]["status"]) == (other, "verified")
    assert node.call("users.getCount", {"phoneNumber": [number]}) == 0


def test_node_sdk_sets_the_primary_number(node: Node, python: Clerk) -> None:
    user = new_user(python, new_number(), new_number())
    other = user.phone_numbers[1].id

    updated = node.call("users.updateUser", user.id, {"primaryPhoneNumberID": other})

    assert updated["primaryPhoneNumberId"] == other
    assert node.refusal("users.updateUser", user.id, {"primaryPhoneNumberID": "idn_unknown"}) == (
        422,
        "form_param_value_invalid",
    )


def test_node_sdk_is_told_what_is_wrong(node: Node, python: Clerk) -> None:
    number = new_number()
    user = new_user(python, number)
    create = "phoneNumbers.createPhoneNumber"

    assert node.refusal(create, {"userId": user.id, "phoneNumber": "12"}) == (
        422,
        "form_param_format_invalid",
    )
    taken = {"userId": new_user(python, new_number()).id, "phoneNumber": number, "verified": True}
    assert node.refusal(create, taken) == (422, "form_identifier_exists")
    assert node.refusal(create, {"userId": "user_unknown", "phoneNumber": new_number()})[0] == 404
    last = node.refusal("phoneNumbers.deletePhoneNumber", user.phone_numbers[0].id)
    assert last == (400, "last_required_identification_deletion_failed")


# --- Python -------------------------------------------------------------------------------------------------


def test_python_sdk_manages_numbers(python: Clerk) -> None:
    first, second = new_number(), new_number()
    user = new_user(python, first)
    body = models.CreatePhoneNumberRequestBody(user_id=user.id, phone_number=second, verified=True)
    made = python.phone_numbers.create(request=body)
    primary = python.phone_numbers.update(phone_number_id=made.id, primary=True)
    read = python.phone_numbers.get(phone_number_id=made.id)
    updated = python.users.update(user_id=user.id, primary_phone_number_id=user.phone_numbers[0].id)
    deleted = python.phone_numbers.delete(phone_number_id=made.id)

    assert (made.phone_number, primary.id, read.phone_number) == (second, made.id, second)
    assert updated.primary_phone_number_id == user.phone_numbers[0].id
    assert (deleted.id, deleted.deleted) == (made.id, True)
    assert refusal(lambda: python.phone_numbers.get(phone_number_id=made.id)) == (404, "resource_not_found")


def test_python_sdk_verifies_a_number_by_a_code(python: Clerk, phones: Serving) -> None:
    number = new_number()
    user = new_user(python, new_number())
    body = models.CreatePhoneNumberRequestBody(user_id=user.id, phone_number=number)
    made = python.phone_numbers.create(request=body)
    sent = python.phone_numbers.prepare_verification(phone_number_id=made.id)
    code = code_sent_to(phones, number)
    wrong = python.phone_numbers.attempt_verification(
        phone_number_id=made.id, verification_id=sent.id, code="000000" if code != "000000" else "000001"
    )
    right = python.phone_numbers.attempt_verification(
        phone_number_id=made.id, verification_id=sent.id, code=code
    )

    assert (sent.status, wrong.status, right.status) == ("unverified", "unverified", "verified")
    read = python.phone_numbers.get(phone_number_id=made.id)
    assert read.verification is not None
    assert read.verification.status == "verified"
    unknown = refusal(
        lambda: python.phone_numbers.attempt_verification(
            phone_number_id=made.id, verification_id="ver_unknown", code=code
        )
    )
    assert unknown == (404, "resource_not_found")


def test_python_sdk_creates_replaces_and_finds_users_by_number(python: Clerk) -> None:
    number, other = new_number(), new_number()
    user = new_user(python, number)
    exact = python.users.list(request=models.GetUserListRequest(phone_number=[number]))
    partial = python.users.list(
        request=models.GetUserListRequest(phone_number_query=number[2:], order_by="+phone_number")
    )
    counted = python.users.count(request=models.GetUsersCountRequest(phone_number_query=number[2:]))
    replaced = python.phone_numbers.replace_for_user(user_id=user.id, phone_number=other)

    assert [one.id for one in exact] == [one.id for one in partial] == [user.id]
    assert counted.total_count == 1
    assert replaced.phone_number == other
    assert [one.phone_number for one in python.users.get(user_id=user.id).phone_numbers] == [other]


def test_python_sdk_is_told_what_is_wrong(python: Clerk) -> None:
    number = new_number()
    user = new_user(python, number)

    malformed = refusal(lambda: new_user(python, "12"))
    taken = refusal(lambda: new_user(python, number))
    last = refusal(lambda: python.phone_numbers.delete(phone_number_id=user.phone_numbers[0].id))
    replaced = refusal(lambda: python.phone_numbers.replace_for_user(user_id=user.id, phone_number="12"))

    assert malformed == (422, "form_param_format_invalid")
    assert taken == (422, "form_identifier_exists")
    assert last == (400, "last_required_identification_deletion_failed")
    assert replaced[1] == "form_param_format_invalid"


def test_python_sdk_blocks_countries(python: Clerk) -> None:
    before = python.instance_settings.get_communication().blocked_country_codes
    changed = python.instance_settings.update_communication(
        request={"blocked_country_codes": [country for country in before if country != "DE"]}
    )

    assert "DE" in before
    assert "DE" not in changed.blocked_country_codes
    assert changed.blocked_country_codes == python.instance_settings.get_communication().blocked_country_codes
    doubled = {"blocked_country_codes": ["DE", "DE"]}
    assert refusal(lambda: python.instance_settings.update_communication(request=doubled))[0] == 422
