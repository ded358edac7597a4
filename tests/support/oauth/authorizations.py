"""A user at a running server who allows applications what they ask for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.services.processes import SignedIn


def allow(person: SignedIn, authorization_url: str) -> str:
    """Follow an application's link and consent; the URL at which the application is answered."""
    asked = person.get(authorization_url)
    assert asked.status_code == 303, asked.text
    location = asked.headers["location"]
    if urlsplit(location).path != "/oauth-consent":
        return location
    form = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    answer = httpx.post(
        f"{person.server.url}/v1/me/oauth/consent/{form['client_id']}",
        params={"_clerk_session_id": person.session_id},
        data={**form, "consented": "true"},
        headers={"cookie": f"__client={person.client_cookie}", "origin": person.server.url},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]
