"""Hosted pages as tests ask for them."""

import json
import re
from typing import Any

import httpx

HTML = {"accept": "text/html"}


def visitor(app: Any, base_url: str = "http://localhost:8787") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url, headers=HTML)


def boot_of(response: httpx.Response) -> dict[str, Any]:
    """Returns the data that the page passes to its script."""
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', response.text)
    assert found is not None
    return json.loads(found[1])
