"""Profile images: of one's own account and by the Backend API, checked, drawn anew and served."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image

from greffier.server.users.images import profile_images as images
from tests.support.answers import error_of
from tests.support.server import Backend, Browser, TestServer

ADA = "ada+clerk_test@example.com"


def picture(size: tuple[int, int] = (40, 30), kind: str = "PNG", **options: Any) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(written, kind, **options)
    return written.getvalue()


@pytest.fixture
async def ada(server: TestServer) -> Browser:
    browser = server.browser()
    await browser.sign_up(ADA)
    return browser


async def upload(browser: Browser, data: bytes, name: str = "me.png") -> httpx.Response:
    query = {"__clerk_api_version": browser.version}
    return await browser.http.post("/v1/me/profile_image", params=query, files={"file": (name, data)})


async def me(browser: Browser) -> dict[str, Any]:
    return (await browser.get("/v1/me")).json()["response"]


async def stored(browser: Browser) -> Image.Image:
    response = await browser.http.get((await me(browser))["image_url"])
    assert response.status_code == 200
    return Image.open(BytesIO(response.content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_uploaded_picture_is_shown(ada: Browser, kind: str) -> None:
    response = await upload(ada, picture(kind=kind))

    user = await me(ada)
    assert response.json()["response"]["public_url"] == user["image_url"] == user["profile_image_url"]
    assert user["has_image"] is True
    assert (await stored(ada)).size == (40, 30)


async def test_picture_is_served_to_other_origins_and_is_nothing_but_a_picture(ada: Browser) -> None:
    await upload(ada, picture())

    headers = (await ada.http.get((await me(ada))["image_url"])).headers

    assert headers["content-type"] == "image/webp"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["access-control-allow-origin"] == "*"
    assert "immutable" in headers["cache-control"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_large_picture_is_made_smaller(ada: Browser) -> None:
    await upload(ada, picture((3000, 1500), "JPEG"))

    assert (await stored(ada)).size == (512, 256)


async def test_only_the_picture_is_kept(ada: Browser) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at 52.5200 N"
    await upload(ada, picture(kind="JPEG", exif=exif) + b"<script>alert(1)</script>")

    response = await ada.http.get((await me(ada))["image_url"])

    assert b"52.5200" not in response.content
    assert b"script" not in response.content


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b'<svg xmlns="http://www.w3.org/2000/svg"/>', b"%PDF-1.7", picture()[:60]],
)
async def test_what_is_no_picture_is_refused(ada: Browser, data: bytes) -> None:
    response = await upload(ada, data)

    assert error_of(response)[:2] == (400, "request_body_invalid")
    assert (await me(ada))["has_image"] is False


async def test_small_file_with_a_huge_picture_is_refused(ada: Browser) -> None:
    written = BytesIO()
    Image.new("1", (6000, 5000)).save(written, "PNG")

    response = await upload(ada, written.getvalue())

    assert error_of(response)[:2] == (413, "image_too_large")


async def test_file_over_ten_megabytes_is_refused(ada: Browser) -> None:
    response = await upload(ada, b"x" * (10 * 1024 * 1024))

    assert response.status_code == 413


async def test_upload_without_a_file_is_told_at_its_field(ada: Browser) -> None:
    response = await ada.post("/v1/me/profile_image")

    assert error_of(response) == (400, "form_param_missing", "file")


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
async def test_apps_without_files_send_base64(ada: Browser, prefix: str) -> None:
    body = prefix.encode() + base64.b64encode(picture())

    response = await ada.http.post(
        "/v1/me/profile_image", content=body, headers={"content-type": "application/octet-stream"}
    )

    assert response.status_code == 200, response.text
    assert (await stored(ada)).size == (40, 30)


async def test_new_picture_replaces_the_one_before(ada: Browser) -> None:
    await upload(ada, picture())
    former = (await me(ada))["image_url"]

    await upload(ada, picture((10, 10)))

    assert (await me(ada))["image_url"] != former
    assert (await ada.http.get(former)).status_code == 404


async def test_picture_can_be_deleted_once(ada: Browser) -> None:
    await upload(ada, picture())

    deleted = await ada.delete("/v1/me/profile_image")
    again = await ada.delete("/v1/me/profile_image")

    user = await me(ada)
    assert deleted.json()["response"]["deleted"] is True
    assert again.status_code == 404
    assert user["has_image"] is False
    assert user["image_url"].endswith(f"/avatars/{user['id']}.svg")


async def test_picture_needs_a_signed_in_user(server: TestServer) -> None:
    assert (await upload(server.browser(), picture())).status_code == 401


async def test_picture_is_gone_with_its_user(server: TestServer, ada: Browser) -> None:
    await upload(ada, picture())
    user = await me(ada)

    await server.backend().delete(f"/v1/users/{user['id']}")

    assert (await ada.http.get(user["image_url"])).status_code == 404


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_backend_sets_and_deletes_a_picture(backend: Backend) -> None:
    user = await backend.add_user(ADA)
    path = f"/v1/users/{user['id']}/profile_image"

    created = await backend.http.post(path, files={"file": ("me.png", picture())})
    deleted = await backend.delete(path)

    assert created.json()["has_image"] is True
    assert created.json()["image_url"].endswith(".webp")
    assert deleted.json()["has_image"] is False


async def test_backend_refuses_files_that_are_no_pictures_and_unknown_users(backend: Backend) -> None:
    user = await backend.add_user(ADA)
    files = {"file": ("me.svg", b"<svg/>")}

    unreadable = await backend.http.post(f"/v1/users/{user['id']}/profile_image", files=files)
    unknown = await backend.http.post("/v1/users/user_none/profile_image", files=files)
    without = await backend.post(f"/v1/users/{user['id']}/profile_image")

    assert error_of(unreadable)[:2] == (400, "request_body_invalid")
    assert unknown.status_code == 404
    assert error_of(without) == (400, "form_param_missing", "file")
    assert (await backend.delete(f"/v1/users/{user['id']}/profile_image")).status_code == 404


async def test_small_file_cannot_take_the_memory_of_the_server(ada: Browser) -> None:
    written = BytesIO()
    Image.new("RGBA", (5000, 5000), (200, 30, 30, 120)).save(written, "PNG")
    before = psutil.Process().memory_info().rss

    response = await upload(ada, written.getvalue())

    grown = psutil.Process().memory_info().rss - before
    assert response.status_code == 200
    assert len(written.getvalue()) < 200_000
    assert grown < 50 * 1024 * 1024  # decoded it has 100 MB
    assert (await stored(ada)).size == (512, 512)


async def test_picture_that_takes_more_memory_than_it_may_is_refused(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_MEMORY", 120 * 1024 * 1024)
    written = BytesIO()
    Image.new("RGBA", (5000, 5000)).save(written, "PNG")

    refused = await upload(ada, written.getvalue())
    accepted = await upload(ada, picture())

    assert error_of(refused)[:2] == (400, "request_body_invalid")
    assert accepted.status_code == 200


async def test_picture_that_takes_too_long_is_given_up(
    ada: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "endless.py"
    program.write_text("while True: pass")
    monkeypatch.setattr(images, "_PROGRAM", program)
    monkeypatch.setattr(images, "_SECONDS", 0.2)

    refused = await upload(ada, picture())

    assert error_of(refused)[:2] == (400, "request_body_invalid")
    assert not [child for child in psutil.Process().children() if str(program) in child.cmdline()]


async def test_crowd_of_pictures_does_not_wait_for_ever(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_WAITING", 2)

    answers = await asyncio.gather(*(upload(ada, picture()) for _ in range(6)))

    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) >= 2
    assert set(statuses) == {200, 429}


async def test_picture_turned_by_its_camera_is_stored_upright(ada: Browser) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3, orientation: turned right
    await upload(ada, picture((1200, 600), "JPEG", exif=exif))

    assert (await stored(ada)).size == (256, 512)
