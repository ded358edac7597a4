"""Logos of organizations: by their members and by the Backend API, checked, drawn anew and served."""

from __future__ import annotations

from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.support.answers import error_of
from tests.support.contract.published import Face, check_response
from tests.support.organizations import Person, add_member, add_organization
from tests.support.server import Backend, Browser, JsonObject


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(written, "PNG")
    return written.getvalue()


@pytest.fixture
async def acme(backend: Backend, ada: Person) -> JsonObject:
    return await add_organization(backend, created_by=ada.user_id)


async def upload(asking: Browser | Backend, organization: JsonObject, data: bytes) -> httpx.Response:
    """A file as the SDK of that face sends it."""
    path = f"/v1/organizations/{organization['id']}/logo"
    files = {"file": ("logo.png", data)}
    if isinstance(asking, Browser):
        query = {"__clerk_api_version": asking.version, "_method": "PUT"}
        response, face = await asking.http.post(path, params=query, files=files), "fapi"
    else:
        response, face = await asking.http.put(path, files=files), "bapi"
    return checked("fapi" if face == "fapi" else "bapi", path, response)


def checked(face: Face, path: str, response: httpx.Response) -> httpx.Response:
    kind = response.headers["content-type"]
    problems = check_response(face, "PUT", path, response.status_code, kind, response.content)
    assert not problems, "\n".join(problems)
    return response


async def shown(backend: Backend, organization: JsonObject) -> JsonObject:
    return (await backend.get(f"/v1/organizations/{organization['id']}")).json()


async def test_logo_is_uploaded_shown_and_taken_away(backend: Backend, acme: JsonObject, ada: Person) -> None:
    by_browser = (await upload(ada.browser, acme, picture())).json()["response"]
    first = await ada.browser.http.get(by_browser["image_url"])
    by_backend = (await upload(backend, acme, picture())).json()
    second = await ada.browser.http.get(by_backend["image_url"])
    gone = await ada.browser.http.get(by_browser["image_url"])
    deleted = (await backend.delete(f"/v1/organizations/{acme['id']}/logo")).json()

    assert (by_browser["has_image"], by_browser["logo_url"]) == (True, by_browser["image_url"])
    for stored in (first, second):
        assert stored.headers["content-type"] == "image/webp"
        assert Image.open(BytesIO(stored.content)).size == (40, 30)
    assert gone.status_code == 404, "the former logo goes with its URL"
    assert (deleted["has_image"], deleted["image_url"]) == (False, acme["image_url"])
    drawn = await ada.browser.http.get(acme["image_url"])
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")


async def test_member_who_manages_the_profile_takes_the_logo_away(acme: JsonObject, ada: Person) -> None:
    path = f"/v1/organizations/{acme['id']}/logo"
    await upload(ada.browser, acme, picture())

    deleted = await ada.browser.delete(path)
    again = await ada.browser.delete(path)

    assert (deleted.json()["response"]["object"], deleted.json()["response"]["deleted"]) == ("image", True)
    assert error_of(again)[:2] == (404, "resource_not_found")


@pytest.mark.parametrize("data", [b"not a picture", b'<svg xmlns="http://www.w3.org/2000/svg"/>'])
async def test_what_is_no_picture_is_refused(
    backend: Backend, acme: JsonObject, ada: Person, data: bytes
) -> None:
    for asking in (ada.browser, backend):
        answer = await upload(asking, acme, data)
        assert error_of(answer)[:2] == (400, "request_body_invalid")
    assert await shown(backend, acme) == acme


async def test_others_change_no_logo(backend: Backend, acme: JsonObject, ada: Person, bob: Person) -> None:
    as_stranger = await upload(bob.browser, acme, picture())
    await add_member(backend, acme, bob.user_id)
    as_member = await upload(bob.browser, acme, picture())

    assert error_of(as_stranger)[:2] == (404, "organization_not_found_or_unauthorized")
    assert error_of(as_member)[:2] == (403, "missing_organization_permission")
    assert await shown(backend, acme) == acme


async def test_file_is_asked_for(backend: Backend, acme: JsonObject) -> None:
    answer = await backend.put(f"/v1/organizations/{acme['id']}/logo")

    assert error_of(answer) == (400, "form_param_missing", "file")
