"""Claims of ID tokens and of userinfo endpoints in the shape of the providers' public documentation, and the
user that they describe. Names of claims are theirs, values are ours."""

from __future__ import annotations

from typing import Any

from greffier.server.strategies.oauth_providers.provider import Profile
from tests.server.strategies.oauth.recorded_answers import ADA, ADDRESS, PICTURE, VERIFIED, Recorded


def token(issuer: str, subject: str, **claims: Any) -> dict[str, Any]:
    """The claims that every ID token has (OpenID Connect Core 1.0 section 2), and others."""
    return {
        "iss": issuer,
        "sub": subject,
        "aud": "client",
        "exp": 1796000300,
        "iat": 1796000000,
        "nonce": "n",
        **claims,
    }


OPENID: dict[str, Recorded] = {
    # https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple,
    # and for the form .../incorporating-sign-in-with-apple-into-other-platforms
    "apple": Recorded(
        {
            "claims": token(
                "https://appleid.apple.com",
                "001234.5b3a3bdf9c0b4f049c1471cae1cd1d8d.0001",
                email=ADDRESS,
                email_verified="true",
                is_private_email="false",
                auth_time=1796000000,
                nonce_supported=True,
                real_user_status=2,
            ),
            "form": {
                "state": "s",
                "code": "c",
                "user": '{"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "x@example.com"}',
            },
        },
        Profile(id="001234.5b3a3bdf9c0b4f049c1471cae1cd1d8d.0001", **VERIFIED, **ADA),
        ("claims", "email_verified"),
    ),
    # https://developers.google.com/identity/openid-connect/openid-connect
    "google": Recorded(
        {
            "claims": token(
                "https://accounts.google.com",
                "10769150350006150715113082367",
                azp="client",
                hd="example.com",
                at_hash="HK6E_P6Dh8Y93mRNtsDB1Q",
                email=ADDRESS,
                email_verified=True,
                name="Ada Lovelace",
                given_name="Ada",
                family_name="Lovelace",
                picture=PICTURE,
            )
        },
        Profile(id="10769150350006150715113082367", image_url=PICTURE, **VERIFIED, **ADA),
        ("claims", "email_verified"),
    ),
    # https://huggingface.co/docs/huggingface.js/hub/interfaces/UserInfo
    "huggingface": Recorded(
        {
            "claims": token("https://huggingface.co", "62f1a3c5"),
            "profile": {
                "sub": "62f1a3c5",
                "name": "Ada Lovelace",
                "preferred_username": "ada",
                "profile": "https://huggingface.co/ada",
                "picture": PICTURE,
                "email": ADDRESS,
                "email_verified": True,
                "isPro": False,
                "orgs": [{"sub": "62f1a3c6", "name": "Engines", "isEnterprise": False}],
            },
        },
        Profile(id="62f1a3c5", username="ada", image_url=PICTURE, **VERIFIED, **ADA),
        ("profile", "email_verified"),
    ),
    # https://developers.line.biz/en/docs/line-login/verify-id-token/
    "line": Recorded(
        {
            "claims": token(
                "https://access.line.me",
                "U1234567890abcdef1234567890abcdef",
                amr=["pwd", "linesso"],
                name="Ada Lovelace",
                picture=PICTURE,
                email=ADDRESS,
            )
        },
        Profile(id="U1234567890abcdef1234567890abcdef", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
    "linkedin_oidc": Recorded(
        {
            "claims": token("https://www.linkedin.com/oauth", "782bbtaQ"),
            "profile": {
                "sub": "782bbtaQ",
                "name": "Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "picture": PICTURE,
                "locale": {"country": "GB", "language": "en"},
                "email": ADDRESS,
                "email_verified": True,
            },
        },
        Profile(id="782bbtaQ", image_url=PICTURE, **VERIFIED, **ADA),
        ("profile", "email_verified"),
    ),
    # https://learn.microsoft.com/en-us/entra/identity-platform/id-token-claims-reference,
    # https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference and
    # https://learn.microsoft.com/en-us/entra/identity-platform/userinfo
    "microsoft": Recorded(
        {
            "claims": token(
                "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
                "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                ver="2.0",
                tid="9122040d-6c67-4c5b-b112-36a304b66dad",
                oid="00000000-0000-0000-66f3-3332eca7ea81",
                name="Ada Lovelace",
                preferred_username=ADDRESS,
                email=ADDRESS,
                xms_edov=True,
            ),
            "profile": {
                "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
                "name": "Ada Lovelace",
                "given_name": "Ada",
                "family_name": "Lovelace",
                "email": "mail@example.com",
                "picture": "https://graph.microsoft.com/v1.0/me/photo/$value",
            },
        },
        Profile(id="AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", **VERIFIED, **ADA),
        ("claims", "xms_edov"),
    ),
    # https://docs.slack.dev/reference/methods/openid.connect.userInfo
    "slack": Recorded(
        {
            "claims": token("https://slack.com", "U0R7JM", **{"https://slack.com/team_id": "T0R7GR"}),
            "profile": {
                "ok": True,
                "sub": "U0R7JM",
                "https://slack.com/user_id": "U0R7JM",
                "https://slack.com/team_id": "T0R7GR",
                "email": ADDRESS,
                "email_verified": True,
                "date_email_verified": 1622128723,
                "name": "Ada Lovelace",
                "picture": PICTURE,
                "given_name": "Ada",
                "family_name": "Lovelace",
                "locale": "en-GB",
                "https://slack.com/team_name": "engines",
                "https://slack.com/team_domain": "engines",
            },
        },
        Profile(id="U0R7JM", image_url=PICTURE, **VERIFIED, **ADA),
        ("profile", "email_verified"),
    ),
    # https://dev.twitch.tv/docs/authentication/getting-tokens-oidc/
    "twitch": Recorded(
        {
            "claims": token("https://id.twitch.tv/oauth2", "713936733", azp="client"),
            "profile": {
                "aud": "client",
                "azp": "client",
                "exp": 1796000300,
                "iat": 1796000000,
                "iss": "https://id.twitch.tv/oauth2",
                "sub": "713936733",
                "email": ADDRESS,
                "email_verified": True,
                "picture": PICTURE,
                "preferred_username": "ada",
            },
            "token": {"access_token": "a", "scope": ["openid", "user:read:email"], "token_type": "bearer"},
        },
        Profile(id="713936733", username="ada", image_url=PICTURE, **VERIFIED),
        ("profile", "email_verified"),
    ),
    # https://vercel.com/docs/sign-in-with-vercel/tokens; `email_verified` is not among the claims there.
    "vercel": Recorded(
        {
            "claims": token(
                "https://vercel.com",
                "345e869043f1e55f8bdc837c",
                nbf=1796000000,
                jti="50e67781-c8b6-4391-98d1-89d755bb095a",
                name="Ada Lovelace",
                preferred_username="ada",
                picture=PICTURE,
                email=ADDRESS,
            )
        },
        Profile(
            id="345e869043f1e55f8bdc837c",
            email_address=ADDRESS,
            username="ada",
            image_url=PICTURE,
            **ADA,
        ),
    ),
    # https://developer.xero.com/documentation/guides/oauth2/sign-in/
    "xero": Recorded(
        {
            "claims": token(
                "https://identity.xero.com",
                "d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9",
                nbf=1796000000,
                at_hash="8ZP_3dGKRbvqyZq1fNN2pg",
                sid="5a9b",
                auth_time=1796000000,
                xero_userid="1cb8c2d5-0000-4000-8000-000000000000",
                global_session_id="5a9c",
                preferred_username=ADDRESS,
                email=ADDRESS,
                name="Ada Lovelace",
                given_name="Ada",
                family_name="Lovelace",
                amr=["pwd"],
            )
        },
        Profile(id="d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9", email_address=ADDRESS, **ADA),
    ),
}
"""Providers of OpenID Connect."""
