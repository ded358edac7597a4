"""The ceremonies of WebAuthn Level 3: registration (section 7.1) and authentication (section 7.2).

`webauthn` checks what browsers send; it is imported at the first ceremony and not at start-up. What browsers
are sent is written here: dictionaries of sections 5.4 and 5.5, with bytes as base64url.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from greffier.server import errors
from greffier.server.errors import ApiError
from greffier.server.users.passkeys.tables import PasskeyRow

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential, RegistrationCredential

ES256, EDDSA, RS256 = -7, -8, -257  # COSE algorithms (RFC 9053)
MAX_CREDENTIAL = 32 * 1024
"""Characters of its JSON; with the longest attestations it has 10,000."""
MAX_CREDENTIAL_ID = 1023
"""Bytes (section 7.1 step 25)."""


class Expected(msgspec.Struct, frozen=True):
    """The expected values of an answer. `challenge` is base64url."""

    challenge: str
    rp_id: str
    allows: Callable[[str], bool]
    """Returns whether passkeys may be used by pages of an origin."""


class Registered(msgspec.Struct, frozen=True):
    """A new credential that was verified."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: list[str]
    aaguid: str
    backup_eligible: bool
    backed_up: bool


class Used(msgspec.Struct, frozen=True):
    """Counter and backup flags of a credential that was verified."""

    sign_count: int
    backup_eligible: bool
    backed_up: bool


def creation_options(
    *,
    challenge: str,
    rp_id: str,
    rp_name: str,
    user_id: str,
    user_name: str,
    timeout_ms: int,
    own: list[PasskeyRow],
) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptionsJSON` of a passkey: discoverable, and with user verification. Any
    authenticator will do, so none is asked to attest what it is.

    Args:
        own: the user's passkeys, which their authenticators do not register again.
    """
    return {
        "rp": {"id": rp_id, "name": rp_name},
        "user": {"id": base64url(user_id.encode()), "name": user_name, "displayName": user_name},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": alg} for alg in (ES256, EDDSA, RS256)],
        "timeout": timeout_ms,
        "excludeCredentials": descriptors(own),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }


def request_options(
    *, challenge: str, rp_id: str, timeout_ms: int, allowed: list[PasskeyRow]
) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptionsJSON`. Args: allowed: none: any passkey of this RP ID."""
    return {
        "challenge": challenge,
        "rpId": rp_id,
        "allowCredentials": descriptors(allowed),
        "timeout": timeout_ms,
        "userVerification": "required",
    }


def descriptors(rows: list[PasskeyRow]) -> list[dict[str, Any]]:
    return [{"type": "public-key", "id": row.credential_id, "transports": row.transports} for row in rows]


def base64url(content: bytes) -> str:
    """Without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def read_registration(text: str) -> RegistrationCredential:
    """Raises: ApiError: 422 when it is not the JSON of a new credential."""
    from webauthn.helpers import parse_registration_credential_json

    with _refused_with(errors.passkey_invalid_public_key_credential):
        return parse_registration_credential_json(_bounded(text))


def read_assertion(text: str) -> AuthenticationCredential:
    """Raises: ApiError: 422 when it is not the JSON of a credential that was used."""
    from webauthn.helpers import parse_authentication_credential_json

    with _refused_with(errors.passkey_invalid_public_key_credential):
        return parse_authentication_credential_json(_bounded(text))


def verify_registration(credential: RegistrationCredential, expected: Expected) -> Registered:
    """Raises: ApiError: 400 when it is not what was asked for."""
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import CredentialDeviceType

    with _refused_with(errors.passkey_registration_failure):
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(expected.challenge),
            expected_rp_id=expected.rp_id,
            expected_origin=_allowed_origin(credential.response.client_data_json, expected),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in (ES256, EDDSA, RS256)],
        )
        if len(verified.credential_id) > MAX_CREDENTIAL_ID:
            raise ValueError
        return Registered(
            credential_id=base64url(verified.credential_id),
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=[one.value for one in credential.response.transports or []],
            aaguid=verified.aaguid,
            backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )


def verify_assertion(credential: AuthenticationCredential, public_key: bytes, expected: Expected) -> Used:
    """The counter is the caller's to compare.

    Raises:
        ApiError: 400 when it is not what was asked for, or the signature is not the key's.
    """
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers.structs import CredentialDeviceType

    with _refused_with(errors.passkey_authentication_failure):
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(expected.challenge),
            expected_rp_id=expected.rp_id,
            expected_origin=_allowed_origin(credential.response.client_data_json, expected),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return Used(
            sign_count=verified.new_sign_count,
            backup_eligible=verified.credential_device_type == CredentialDeviceType.MULTI_DEVICE,
            backed_up=verified.credential_backed_up,
        )


def _bounded(text: str) -> str:
    """Raises: ValueError: it is too long to be a credential."""
    if len(text) > MAX_CREDENTIAL:
        raise ValueError
    return text


def _allowed_origin(client_data_json: bytes, expected: Expected) -> str:
    """The origin of the page, which is not within a page of another origin (section 13.4.2).

    Raises:
        ValueError: passkeys may not be used there.
    """
    from webauthn.helpers import parse_client_data_json

    client_data = parse_client_data_json(client_data_json)
    if client_data.cross_origin or not expected.allows(client_data.origin):
        raise ValueError
    return client_data.origin


@contextmanager
def _refused_with(refusal: Callable[[], ApiError]) -> Generator[None]:
    """The input is a stranger's: the library, and those that it uses, raise errors of many kinds for it."""
    try:
        yield
    except Exception:
        raise refusal() from None
