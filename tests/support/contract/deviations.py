"""The reviewed table of places where our answers differ from the published contract, each with its reason.

Where texts differ, what today's SDKs need comes first, then the contract. A row is applied to the contract by
`contract.py`, which also records whether any answer of the run made use of it: an unused row should go.
Rows of statuses and codes are in `deviating_statuses.py`.
"""

from tests.support.contract.deviating_statuses import STATUSES
from tests.support.contract.deviation_kinds import (
    BOOLEAN,
    STRING,
    Deviation,
    ExtraKey,
    ExtraOperation,
    OtherValue,
    PaginatedList,
    RefusedValue,
)

DEVIATIONS: tuple[Deviation, ...] = (
    *(
        ExtraKey(
            face="fapi",
            name=f"environment-{key}",
            schema="Client.Environment",
            key=key,
            shape=STRING,
            reason="clerk-js reads it; every resource of the Frontend API has it",
        )
        for key in ("object", "id")
    ),
    ExtraKey(
        face="fapi",
        name="environment-custom-provider",
        schema="UserSettings.Socials",
        key="oauth_custom_acme",
        shape={"$ref": "#/components/schemas/UserSettings.Social"},
        reason="the contract names each known provider and no custom one; SDKs read those alike",
    ),
    ExtraKey(
        face="fapi",
        name="auth-config-preferred-channels",
        schema="Client.AuthConfig",
        key="preferred_channels",
        shape={"type": ["object", "null"]},
        reason="clerk-js reads it to choose between SMS and WhatsApp",
    ),
    ExtraKey(
        face="fapi",
        name="attribute-channels",
        schema="UserSettings.Attribute",
        key="channels",
        shape={"type": "array", "items": STRING},
        reason="clerk-js reads it to offer codes by WhatsApp",
    ),
    ExtraKey(
        face="fapi",
        name="auth-config-session-minter",
        schema="Client.AuthConfig",
        key="session_minter",
        shape=BOOLEAN,
        reason="clerk-js reads it; true would change the bodies of token requests",
    ),
    ExtraKey(
        face="fapi",
        name="sign-up-settings-mfa",
        schema="UserSettings.SignUp",
        key="mfa",
        shape={"type": "object", "required": ["required"], "properties": {"required": BOOLEAN}},
        reason="clerk-js reads whether a second factor is required at sign-up",
    ),
    ExtraKey(
        face="fapi",
        name="sign-up-settings-allowlist-only",
        schema="UserSettings.SignUp",
        key="allowlist_only",
        shape=BOOLEAN,
        reason="clerk-js reads it to hide the sign-up",
    ),
    *(
        ExtraKey(
            face="fapi",
            name=f"sign-in-protect-check{suffix}",
            schema=f"Client.SignIn{suffix}",
            key="protect_check",
            shape={"type": ["object", "null"]},
            reason="clerk-js reads it to interpose a challenge",
        )
        for suffix in ("", "-2")
    ),
    *(
        ExtraKey(
            face="fapi",
            name=f"{name}-iss-parameter",
            schema=f"WellKnown.{schema}",
            key="authorization_response_iss_parameter_supported",
            shape=BOOLEAN,
            reason="clients that know it refuse answers of other providers (mix-up, RFC 9207)",
        )
        for name, schema in (
            ("openid-configuration", "OpenIDConfiguration"),
            ("oauth-authorization-server", "OAuth2AuthorizationServerMetadata"),
        )
    ),
    OtherValue(
        face="fapi",
        name="factor-of-other-sites",
        schema="Stubs.SignInFactor",
        key="strategy",
        shape={"type": "string", "pattern": r"^oauth_\w+$"},
        reason="the contract names a few providers and no custom one; SDKs read those alike",
    ),
    OtherValue(
        face="bapi",
        name="link-to-other-sites",
        schema="IdentificationLink",
        key="type",
        shape={"type": "string", "pattern": r"^oauth_\w+$"},
        reason="keys of custom providers have underscores, for which the pattern has no place",
    ),
    OtherValue(
        face="fapi",
        name="strategy-of-linkedin",
        schema="verification_oauth",
        key="strategy",
        shape={"const": "oauth_linkedin_oidc"},
        reason="its published key has an underscore, for which the pattern of this one schema has no place",
    ),
    OtherValue(
        face="fapi",
        name="transferable-code",
        schema="Stubs.Verification.OTP",
        key="status",
        shape={"const": "transferable"},
        reason="browser SDKs transfer such a sign-in to a sign-up; the contract says it of links only",
    ),
    *(
        ExtraKey(
            face=face,
            name=f"{face}-ens-name",
            schema=schema,
            key="ens_name",
            shape=STRING,
            reason="names of wallets are off by default; SDKs ignore keys that they do not know",
        )
        for face, schema in (("fapi", "Client.Web3Wallet"), ("bapi", "Web3Wallet"))
    ),
    *(
        OtherValue(
            face="fapi",
            name=f"other-wallets-{name}",
            schema=schema,
            key="strategy",
            shape={"type": "string", "pattern": r"^web3_\w+_signature$"},
            reason="wallets that the contract does not name have strategies, for pages that ask for them",
        )
        for name, schema in (
            ("factor", "Stubs.SignInFactor"),
            ("verification", "Stubs.Verification.Web3Signature"),
        )
    ),
    OtherValue(
        face="fapi",
        name="pending-session-beside-an-answer",
        schema="Client.SessionBase",
        key="status",
        shape={"const": "pending"},
        reason="sessions may be pending still after one of several tasks; most operations' clients say so",
    ),
    *(
        OtherValue(
            face="fapi",
            name=f"passkey-as-second-factor-{name}",
            schema=schema,
            key="second_factor_verification",
            shape={"$ref": "#/components/schemas/Stubs.Verification.Passkey"},
            reason="today's browser SDKs verify passkeys as second factors; the contract as first ones only",
        )
        for name, schema in (
            ("sign-in", "Client.SignIn-2"),
            ("reverification", "Client.SessionReverification"),
        )
    ),
    ExtraOperation(
        face="fapi",
        name="client-touch",
        method="GET",
        path="/v1/client/touch",
        operation="touchClient",
        answers={307: None, 400: None, 403: None},
        reason="clerk-js navigates here when the client cookie is about to expire in Safari",
    ),
    ExtraOperation(
        face="fapi",
        name="host-health",
        method="GET",
        path="/v1/host-health",
        operation="getHostHealth",
        answers={
            200: {
                "type": "object",
                "required": ["host", "instance", "https", "forwarded_for"],
                "properties": {
                    "host": BOOLEAN,
                    "instance": BOOLEAN,
                    "https": BOOLEAN,
                    "forwarded_for": {"enum": ["believed", "written_by_browser", "missing", "not_believed"]},
                },
                "additionalProperties": False,
            }
        },
        reason="`greffier doctor` asks what a reverse proxy passes on, at hosts it may not pass on",
    ),
    ExtraOperation(
        face="bapi",
        name="internal-interstitial",
        method="GET",
        path="/internal/interstitial",
        operation="GetInternalInterstitial",
        answers={200: None, 400: None},
        reason="SDKs of 2022-23 fetch it with their secret key; the contract has the public one only",
    ),
    ExtraOperation(
        face="bapi",
        name="handshake-payload",
        method="GET",
        path="/clients/handshake_payload",
        operation="GetHandshakePayload",
        answers={
            200: {
                "type": "object",
                "required": ["directives"],
                "properties": {"directives": {"type": "array", "items": STRING}},
                "additionalProperties": False,
            },
            404: None,
            422: None,
        },
        reason="@clerk/backend reads a handshake by its nonce; the contract has an empty path",
    ),
    *(
        ExtraOperation(
            face="fapi",
            name=f"biometric-{operation}",
            method=method,
            path=f"/v1/me/biometric_credentials{path}",
            operation=operation,
            answers={200: {"type": "object"}, 400: None, 401: None, 403: None, 404: None, 422: None},
            reason="the name of trusted devices in newer SDKs; the contract has the older one",
        )
        for method, path, operation in (
            ("GET", "", "listBiometricCredentials"),
            ("POST", "/prepare", "prepareBiometricCredential"),
            ("POST", "/attempt", "attemptBiometricCredential"),
            ("DELETE", "/{trusted_device_id}", "revokeBiometricCredential"),
        )
    ),
    *(
        ExtraOperation(
            face="fapi",
            name=f"token-gates-{operation}",
            method=method,
            path=path,
            operation=operation,
            answers={200: {"type": "object"}, 401: None, 429: None},
            reason="the contract has no token gates; this says why one is shut",
        )
        for method, path, operation in (
            ("GET", "/v1/me/token_gates", "listTokenGates"),
            ("POST", "/v1/me/token_gates/read", "readTokenGates"),
        )
    ),
    PaginatedList(
        face="bapi",
        name="paginated-lists",
        operations=(
            "GetClientList",
            "GetSessionList",
            "ListInvitations",
            "ListAllowlistIdentifiers",
            "ListJWTTemplates",
            "ListRedirectURLs",
            "GetOAuthAccessToken",
            "GetTemplateList",
        ),
        reason="@clerk/backend always sends paginated=true and reads either shape",
    ),
    RefusedValue(
        face="bapi",
        name="invitations-lead-to-allowed-origins",
        operations=("CreateInvitation", "CreateBulkInvitations", "CreateOrganizationInvitation"),
        param="redirect_url",
        values="URLs of origins that are not allowed",
        reason="a genuine mail must lead only to pages of allowed origins",
    ),
    OtherValue(
        face="fapi",
        name="token-invalid-target",
        schema="#/components/responses/OAuth.TokenError400/content/application~1json/schema",
        key="error",
        shape={"const": "invalid_target"},
        reason="RFC 8707 section 2 has this code for a resource that cannot be an audience",
    ),
    ExtraKey(
        face="fapi",
        name="token-info-audience",
        schema="OAuth.TokenInfo",
        key="aud",
        shape=STRING,
        reason="RFC 7662 section 2.2: the API that the token is for (RFC 8707)",
    ),
    ExtraKey(
        face="bapi",
        name="access-token-audience",
        schema="#/paths/~1oauth_applications~1access_tokens~1verify/post/responses/200"
        "/content/application~1json/schema/anyOf/0",
        key="aud",
        shape=STRING,
        reason="the API that the application named by `resource` (RFC 8707), so that others refuse the token",
    ),
    *STATUSES,
)
