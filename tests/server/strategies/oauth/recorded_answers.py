"""Answers of providers that describe a user, in the shape of their public documentation, and the user that
they describe. Names of fields are theirs, values are ours."""

from __future__ import annotations

from typing import Any, NamedTuple

from greffier.server.strategies.oauth_providers.provider import Profile

ADDRESS = "ada@example.com"
PICTURE = "https://images.example/ada.png"

ADA: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace"}
VERIFIED: dict[str, Any] = {"email_address": ADDRESS, "email_verified": True}


class Recorded(NamedTuple):
    """Args:
    answers: fields of `Answers`, as parsed from JSON.
    profile: of them.
    proof: path of the value that says that the address is verified; absent where the provider says nothing.
    """

    answers: dict[str, Any]
    profile: Profile
    proof: tuple[str | int, ...] | None = None


PLAIN: dict[str, Recorded] = {
    # https://developer.atlassian.com/cloud/oauth/getting-started/faq ("User Identity API")
    "atlassian": Recorded(
        {
            "profile": {
                "account_type": "atlassian",
                "account_id": "112233aa-bb11-cc22-33dd-445566abcabc",
                "email": ADDRESS,
                "name": "Ada Lovelace",
                "picture": PICTURE,
                "account_status": "active",
                "nickname": "ada",
                "zoneinfo": "Europe/London",
                "locale": "en-GB",
                "extended_profile": {"job_title": "Analyst", "organization": "Engines"},
            }
        },
        Profile(
            id="112233aa-bb11-cc22-33dd-445566abcabc",
            email_address=ADDRESS,
            username="ada",
            image_url=PICTURE,
            **ADA,
        ),
    ),
    # https://developer.atlassian.com/cloud/bitbucket/rest/api-group-users/
    "bitbucket": Recorded(
        {
            "profile": {
                "type": "user",
                "uuid": "{d301aafa-d676-4ee0-88be-962be7417567}",
                "account_id": "557058:ba8948b2",
                "username": "ada",
                "display_name": "Ada Lovelace",
                "links": {
                    "avatar": {"href": PICTURE},
                    "self": {"href": "https://api.bitbucket.org/2.0/user"},
                },
                "created_on": "2026-01-02T03:04:05Z",
            },
            "more": {
                "https://api.bitbucket.org/2.0/user/emails": {
                    "pagelen": 10,
                    "page": 1,
                    "size": 2,
                    "values": [
                        {
                            "type": "email",
                            "email": "old@example.com",
                            "is_primary": False,
                            "is_confirmed": False,
                        },
                        {"type": "email", "email": ADDRESS, "is_primary": True, "is_confirmed": True},
                    ],
                }
            },
        },
        Profile(
            id="{d301aafa-d676-4ee0-88be-962be7417567}",
            username="ada",
            image_url=PICTURE,
            **VERIFIED,
            **ADA,
        ),
        ("more", "https://api.bitbucket.org/2.0/user/emails", "values", 1, "is_confirmed"),
    ),
    # https://developer.box.com/reference/get-users-me/
    "box": Recorded(
        {
            "profile": {
                "type": "user",
                "id": "11446498",
                "name": "Ada Lovelace",
                "login": ADDRESS,
                "status": "active",
                "language": "en",
                "timezone": "Europe/London",
                "space_amount": 11345156112,
                "job_title": "Analyst",
                "phone": "6509241374",
                "address": "",
                "avatar_url": PICTURE,
                "notification_email": {"email": "other@example.com", "is_confirmed": True},
            }
        },
        Profile(id="11446498", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://docs.cloud.coinbase.com/sign-in-with-coinbase/docs/api-users
    "coinbase": Recorded(
        {
            "profile": {
                "data": {
                    "id": "9da7a204-544e-5fd1-9a12-61176c5d4cd8",
                    "name": "Ada Lovelace",
                    "username": "ada",
                    "profile_location": None,
                    "profile_bio": None,
                    "profile_url": "https://coinbase.com/ada",
                    "avatar_url": PICTURE,
                    "resource": "user",
                    "resource_path": "/v2/user",
                    "country": {"code": "GB", "name": "United Kingdom"},
                    "email": ADDRESS,
                }
            }
        },
        Profile(
            id="9da7a204-544e-5fd1-9a12-61176c5d4cd8",
            email_address=ADDRESS,
            username="ada",
            image_url=PICTURE,
            **ADA,
        ),
    ),
    # https://discord.com/developers/docs/resources/user#user-object
    "discord": Recorded(
        {
            "profile": {
                "id": "80351110224678912",
                "username": "ada",
                "discriminator": "0",
                "global_name": "Ada Lovelace",
                "avatar": "8342729096ea3675442027381ff50dfe",
                "verified": True,
                "email": ADDRESS,
                "flags": 64,
                "banner": None,
                "accent_color": None,
                "premium_type": 1,
                "public_flags": 64,
            }
        },
        Profile(
            id="80351110224678912",
            username="ada",
            image_url="https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
            **VERIFIED,
            **ADA,
        ),
        ("profile", "verified"),
    ),
    # https://www.dropbox.com/developers/documentation/http/documentation#users-get_current_account
    "dropbox": Recorded(
        {
            "profile": {
                "account_id": "dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc",
                "name": {
                    "given_name": "Ada",
                    "surname": "Lovelace",
                    "familiar_name": "Ada",
                    "display_name": "Ada Lovelace",
                    "abbreviated_name": "AL",
                },
                "email": ADDRESS,
                "email_verified": True,
                "profile_photo_url": PICTURE,
                "disabled": False,
                "country": "GB",
                "locale": "en",
                "is_paired": False,
                "account_type": {".tag": "basic"},
            }
        },
        Profile(id="dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc", image_url=PICTURE, **VERIFIED, **ADA),
        ("profile", "email_verified"),
    ),
    # https://developers.facebook.com/docs/graph-api/reference/user/
    "facebook": Recorded(
        {
            "profile": {
                "id": "10158000000000001",
                "name": "Ada Lovelace",
                "first_name": "Ada",
                "last_name": "Lovelace",
                "email": ADDRESS,
                "picture": {"data": {"height": 50, "is_silhouette": False, "url": PICTURE, "width": 50}},
            }
        },
        Profile(id="10158000000000001", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://docs.github.com/en/rest/users/users, https://docs.github.com/en/rest/users/emails
    "github": Recorded(
        {
            "profile": {
                "login": "ada",
                "id": 583231,
                "node_id": "MDQ6VXNlcjE=",
                "avatar_url": PICTURE,
                "type": "User",
                "name": "Ada Lovelace",
                "company": None,
                "email": "public@example.com",
                "two_factor_authentication": True,
            },
            "more": {
                "https://api.github.com/user/emails": [
                    {"email": "old@example.com", "verified": False, "primary": False, "visibility": None},
                    {"email": ADDRESS, "verified": True, "primary": True, "visibility": "private"},
                ]
            },
        },
        Profile(id="583231", username="ada", image_url=PICTURE, **VERIFIED, **ADA),
        ("more", "https://api.github.com/user/emails", 1, "verified"),
    ),
    # https://docs.gitlab.com/api/users/#retrieve-the-current-user
    "gitlab": Recorded(
        {
            "profile": {
                "id": 4711,
                "username": "ada",
                "email": ADDRESS,
                "name": "Ada Lovelace",
                "state": "active",
                "avatar_url": PICTURE,
                "public_email": "public@example.com",
                "created_at": "2012-05-23T08:00:58Z",
                "confirmed_at": "2012-05-23T09:05:22Z",
                "commit_email": "commits@example.com",
                "two_factor_enabled": True,
                "identities": [{"provider": "github", "extern_uid": "2435223452345"}],
            }
        },
        Profile(id="4711", username="ada", image_url=PICTURE, **VERIFIED, **ADA),
        ("profile", "confirmed_at"),
    ),
    # https://developers.hubspot.com/docs/api-reference/latest/authentication/oauth-tokens/token-introspect
    "hubspot": Recorded(
        {
            "profile": {
                "token_use": "access_token",
                "active": True,
                "token": "CNye4dqFMBICAAEYhOKlDZZ_z6IVKI_xMjIUgmFsNQzgBjNE9YBmhAhNOtfN0ak6BAAAAEFCFIIw",
                "client_id": "client",
                "user": ADDRESS,
                "user_id": 293199,
                "hub_domain": "shop.example",
                "hub_id": 100,
                "app_id": 456,
                "scopes": ["oauth"],
                "signed_access_token": {"userId": 293199, "hubId": 100, "isUserLevel": False},
                "is_private_distribution": False,
                "expires_in": 1754,
                "token_type": "access",
            }
        },
        Profile(id="293199", email_address=ADDRESS),
    ),
    # https://linear.app/developers/graphql
    "linear": Recorded(
        {
            "profile": {
                "data": {
                    "viewer": {
                        "id": "8f6d2d8e-0b5a-4f9c-9d52-5a3a3f0d9d11",
                        "name": "Ada Lovelace",
                        "email": ADDRESS,
                        "avatarUrl": PICTURE,
                    }
                }
            }
        },
        Profile(id="8f6d2d8e-0b5a-4f9c-9d52-5a3a3f0d9d11", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://developers.notion.com/docs/authorization
    "notion": Recorded(
        {
            "token": {
                "access_token": "ntn_secret",
                "token_type": "bearer",
                "bot_id": "b3414d65-1224-5ec7-6ffd-cc9d8773d601",
                "workspace_id": "a1b2c3d4-0000-4000-8000-000000000000",
                "workspace_name": "Engines",
                "workspace_icon": None,
                "duplicated_template_id": None,
                "owner": {
                    "type": "user",
                    "user": {
                        "object": "user",
                        "id": "5389a034-eb5c-47b5-8a9e-f79c99ef166c",
                        "name": "Ada Lovelace",
                        "avatar_url": PICTURE,
                        "type": "person",
                        "person": {"email": ADDRESS},
                    },
                },
            }
        },
        Profile(id="5389a034-eb5c-47b5-8a9e-f79c99ef166c", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://developer.spotify.com/documentation/web-api/reference/get-current-users-profile
    "spotify": Recorded(
        {
            "profile": {
                "account_id": "aB3dE5fG7h",
                "id": "wizzler",
                "display_name": "Ada Lovelace",
                "email": ADDRESS,
                "country": "GB",
                "external_urls": {"spotify": "https://open.spotify.com/user/wizzler"},
                "followers": {"href": None, "total": 42},
                "href": "https://api.spotify.com/v1/users/wizzler",
                "images": [{"url": PICTURE, "height": 300, "width": 300}],
                "product": "premium",
                "type": "user",
                "uri": "spotify:user:wizzler",
            }
        },
        Profile(id="aB3dE5fG7h", email_address=ADDRESS, image_url=PICTURE, **ADA),
    ),
    # https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info/
    "tiktok": Recorded(
        {
            "profile": {
                "data": {
                    "user": {
                        "open_id": "723f24d7-e717-40f8-a2b6-cb8464cd23b4",
                        "avatar_url": PICTURE,
                        "display_name": "Ada Lovelace",
                    }
                },
                "error": {"code": "ok", "message": "", "log_id": "20220829194722CBE87ED59D524E727021"},
            }
        },
        Profile(id="723f24d7-e717-40f8-a2b6-cb8464cd23b4", image_url=PICTURE, **ADA),
    ),
    # https://docs.x.com/x-api/users/get-my-user
    "x": Recorded(
        {
            "profile": {
                "data": {
                    "id": "2244994945",
                    "name": "Ada Lovelace",
                    "username": "ada",
                    "profile_image_url": PICTURE,
                }
            },
            "more": {
                "https://api.x.com/2/users/me?user.fields=confirmed_email": {
                    "data": {
                        "id": "2244994945",
                        "name": "Ada Lovelace",
                        "username": "ada",
                        "confirmed_email": ADDRESS,
                    }
                }
            },
        },
        Profile(id="2244994945", username="ada", image_url=PICTURE, **VERIFIED, **ADA),
    ),
}
"""Providers of OAuth 2 without ID tokens."""
