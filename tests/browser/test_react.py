"""The main job in a single-page application of the unmodified `@clerk/react`, built with Vite."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Site, Visitor, new_address
from tests.support.node import FOLDER
from tests.support.processes import answers, free_port, greffier_dev, running_process
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.sdk]
VITE = str(FOLDER / "node_modules" / ".bin" / "vite")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`vite build && vite preview` of `tests/sdk_node/react`, in a copy beside the installed packages."""
    app = FOLDER / f".react-{os.getpid()}"
    shutil.copytree(FOLDER / "react", app)
    try:
        with greffier_dev(tmp_path_factory.mktemp("react")) as server:
            keys = {"VITE_PUBLISHABLE_KEY": server.publishable_key, "VITE_GREFFIER_URL": server.url}
            subprocess.run([VITE, "build", "--logLevel", "warn"], cwd=app, env=os.environ | keys, check=True)
            port = free_port()
            preview = [VITE, "preview", "--host", "localhost", "--port", str(port), "--strictPort"]
            with running_process(preview, cwd=app):
                url = f"http://localhost:{port}"
                wait_until(lambda: answers(url), "the React application answers")
                yield Site(url, server.url)
    finally:
        shutil.rmtree(app)


def test_a_person_signs_up_reloads_signs_out_and_signs_in_by_password(visitor: Visitor):
    address = new_address()
    visitor.sign_up(address)
    visitor.see("react-dashboard")
    session = visitor.page.evaluate("Clerk.session.id")
    visitor.page.reload()
    visitor.expect_dashboard()
    assert visitor.page.evaluate("Clerk.session.id") == session
    assert visitor.page.locator("#user").inner_text() == visitor.page.evaluate("Clerk.user.id")

    visitor.sign_out()
    visitor.go("/dashboard")
    expect(visitor.page.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.sign_in(address)

    assert visitor.page.evaluate("Clerk.session.id") != session


def test_a_person_changes_their_name(visitor: Visitor):
    visitor.sign_up(new_address())
    visitor.go("/profile")
    visitor.page.get_by_role("button", name="Update profile").click()
    visitor.page.get_by_label("First name").fill("Ada")
    visitor.page.get_by_role("button", name="Save").click()

    expect(visitor.page.get_by_text("Ada", exact=True).first).to_be_visible()
    assert visitor.page.evaluate("Clerk.user.firstName") == "Ada"
