"""The reviewed table of places where our answers differ from the published contract, each with its reason.

Where texts differ, what today's SDKs need comes first, then the contract. A row is applied to the contract by
`contract.py`, which also records whether any answer of the run made use of it: a row nobody uses should go.
"""

from tests.support.deviation_kinds import (
    ANYWHERE,
    BOOLEAN,
    FACES,
    STRING,
    Deviation,
    ExtraKey,
    ExtraOperation,
    ExtraStatus,
    OtherValue,
    PaginatedList,
    RefusedValue,
)

_TOKEN_BY_TEMPLATE = ("createSessionTokenWithTemplate", "CreateSessionTokenFromTemplate")

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
        name="auth-config-preferred-channels",
        schema="Client.AuthConfig",
        key="preferred_channels",
        shape={"type": ["object", "null"]},
        reason="clerk-js reads it to choose between SMS and WhatsApp",
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
        name="transferable-code",
        schema="Stubs.Verification.OTP",
        key="status",
        shape={"const": "transferable"},
        reason="browser SDKs transfer such a sign-in to a sign-up; the contract says it of links only",
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
    ExtraStatus(
        face="fapi",
        name="origin-refused",
        operations=ANYWHERE,
        status=403,
        codes=("origin_invalid",),
        reason="a page of a foreign origin is refused before any handler runs (REQUIREMENTS S10.3)",
    ),
    ExtraStatus(
        face="fapi",
        name="redirect-refused",
        operations=ANYWHERE,
        status=422,
        codes=("redirect_url_not_associated_with_instance",),
        reason="browsers are redirected to allowed origins only; the code is published with this status",
    ),
    ExtraStatus(
        face="bapi",
        name="too-many-templates",
        operations=("CreateJWTTemplate",),
        status=403,
        codes=("quota_exceeded",),
        reason="the published code of what an instance has too many of, with its status",
    ),
    *(
        ExtraStatus(
            face=face,
            name=f"too-many-requests-{face}",
            operations=ANYWHERE,
            status=429,
            codes=("too_many_requests",),
            reason="the documented rate limits; the contract lists this status for a few operations only",
        )
        for face in ("fapi", "bapi")
    ),
    *(
        ExtraStatus(
            face=face,
            name=f"database-unavailable-{face}",
            operations=ANYWHERE,
            status=503,
            codes=("service_unavailable",),
            reason="while the database does not answer; the contract lists no status for it",
        )
        for face in ("fapi", "bapi")
    ),
    ExtraStatus(
        face="bapi",
        name="parameters-refused",
        operations=(
            "VerifyClient",
            "CreateSessionToken",
            "CreateSessionTokenFromTemplate",
            "ListJWTTemplates",
            "ListInvitations",
            "RefreshSession",
            "UpdateEmailAddress",
            "AttemptEmailAddressVerification",
            "SetUserProfileImage",
            "UsersBan",
            "UsersUnban",
            "RemoveUserPassword",
            "GetOrganization",
            "UsersGetOrganizationMemberships",
        ),
        status=422,
        codes=(
            "form_param_unknown",
            "form_param_missing",
            "form_param_nil",
            "form_param_type_invalid",
            "form_param_format_invalid",
            "form_param_value_invalid",
        ),
        reason="a wrong parameter has one status everywhere; these operations take some and list none for it",
    ),
    ExtraStatus(
        face="bapi",
        name="role-too-large-for-a-token",
        operations=("AssignPermissionToOrganizationRole",),
        status=422,
        codes=("form_param_exceeds_allowed_size",),
        reason="a session token is a cookie of 4,096 bytes; the contract has no limit for a role",
    ),
    ExtraStatus(
        face="fapi",
        name="session-token-too-large",
        operations=("createSessionToken",),
        status=400,
        codes=("session_token_too_large",),
        reason="no cookie holds the token; 401 and 422 would sign the browser out",
    ),
    ExtraStatus(
        face="fapi",
        name="list-of-roles-refused",
        operations=("ListOrganizationRoles",),
        status=422,
        codes=("form_param_format_invalid", "form_param_value_invalid"),
        reason="a wrong parameter has one status everywhere; this operation takes some and lists none for it",
    ),
    ExtraStatus(
        face="fapi",
        name="organizations-off-fapi",
        operations=(
            "getOrganizationMemberships",
            "getUsersOrganizationInvitations",
            "acceptOrganizationInvitation",
        ),
        status=403,
        codes=("organization_not_enabled_in_instance",),
        reason="organizations that are switched off are refused alike everywhere",
    ),
    ExtraStatus(
        face="bapi",
        name="organizations-off-bapi",
        operations=(
            "DeleteOrganization",
            "MergeOrganizationMetadata",
            "ReplaceOrganizationMetadata",
            "DeleteOrganizationLogo",
            "ListOrganizationMemberships",
            "UpdateOrganizationMembership",
            "DeleteOrganizationMembership",
            "UpdateOrganizationMembershipMetadata",
            "InstanceGetOrganizationMemberships",
            "ListOrganizationPermissions",
            "CreateOrganizationPermission",
            "GetOrganizationPermission",
            "ListOrganizationInvitations",
            "ListPendingOrganizationInvitations",
            "ListInstanceOrganizationInvitations",
        ),
        status=403,
        codes=("organization_not_enabled_in_instance",),
        reason="organizations that are switched off are refused alike everywhere",
    ),
    ExtraStatus(
        face="bapi",
        name="list-of-memberships-of-nothing",
        operations=("ListOrganizationMemberships", "UsersGetOrganizationMemberships"),
        status=404,
        codes=("resource_not_found",),
        reason="an organization or a user who is not there has one status everywhere; these list none for it",
    ),
    ExtraStatus(
        face="bapi",
        name="template-unknown",
        operations=("UpdateJWTTemplate",),
        status=404,
        codes=("resource_not_found",),
        reason="a template that is not there has one status everywhere; this operation lists none for it",
    ),
    *(
        ExtraStatus(
            face=face,
            name=f"template-token-too-large-{face}",
            operations=(operation,),
            status=422,
            codes=("jwt_template_claims_too_large",),
            reason="what metadata say may be too much for a token, which the contract does not foresee",
        )
        for face, operation in zip(FACES, _TOKEN_BY_TEMPLATE, strict=True)
    ),
    ExtraStatus(
        face="bapi",
        name="user-unknown",
        operations=("BanUser", "UnbanUser", "LockUser", "UnlockUser"),
        status=404,
        codes=("resource_not_found",),
        reason="a user who is not there has one status everywhere; these operations list none for it",
    ),
    ExtraStatus(
        face="fapi",
        name="parameters-missing",
        operations=("acceptTicket", "verify"),
        status=422,
        codes=("form_param_missing",),
        reason="a missing parameter has one status everywhere; these operations need one",
    ),
    ExtraStatus(
        face="bapi",
        name="address-taken",
        operations=("UpdateEmailAddress",),
        status=422,
        codes=("form_identifier_exists",),
        reason="the same refusal has the same status as at creation; SDKs go by the code",
    ),
    *(
        ExtraStatus(
            face=face,
            name=f"{name}-{face}",
            operations=ANYWHERE,
            status=status,
            codes=(code,),
            reason=reason,
        )
        for face in FACES
        for name, status, code, reason in (
            (
                "body-unreadable",
                400,
                "request_body_invalid",
                "a body or query that cannot be read is refused before the operation is known to take one",
            ),
            (
                "text-unstorable",
                422,
                "form_param_format_invalid",
                "NUL cannot be stored as text; it is refused wherever it is sent",
            ),
        )
    ),
    ExtraStatus(
        face="fapi",
        name="sign-up-not-found",
        operations=("prepareSignUpsVerification", "attemptSignUpsVerification"),
        status=404,
        codes=("resource_not_found",),
        reason="somebody else's sign-up is not found here as it is not found by GET",
    ),
    ExtraStatus(
        face="fapi",
        name="sign-in-of-another",
        operations=("resetPassword", "prepareSignInFactorTwo", "attemptSignInFactorTwo"),
        status=404,
        codes=("resource_not_found",),
        reason="a sign-in that is not this client's is not found, as the other operations on it list",
    ),
    ExtraStatus(
        face="fapi",
        name="reverification-of-another",
        operations=(
            "startSessionReverification",
            "prepareSessionReverificationFirstFactor",
            "attemptSessionReverificationFirstFactor",
            "prepareSessionReverificationSecondFactor",
            "attemptSessionReverificationSecondFactor",
        ),
        status=404,
        codes=("resource_not_found",),
        reason="a session that is not this client's is not found, as the other operations on it list",
    ),
)
