"""Deviations by a status or a code that the contract does not list for an operation; see `deviations.py`."""

from tests.support.contract.deviation_kinds import ANYWHERE, FACES, Deviation, ExtraStatus

_TOKEN_BY_TEMPLATE = ("createSessionTokenWithTemplate", "CreateSessionTokenFromTemplate")

STATUSES: tuple[Deviation, ...] = (
    ExtraStatus(
        face="fapi",
        name="origin-refused",
        operations=ANYWHERE,
        status=403,
        codes=("origin_invalid",),
        reason="a page of a foreign origin is refused before any handler runs",
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
            "UpdatePhoneNumber",
            "AttemptPhoneNumberVerification",
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
        name="phone-number-parameters-refused",
        operations=("UpdatePhoneNumber", "sendVerificationSMS"),
        status=422,
        codes=(
            "form_param_unknown",
            "form_param_value_invalid",
            "form_disable_default_second_factor_not_allowed",
        ),
        reason="a wrong parameter has one status everywhere; these operations take some and list none for it",
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
        operations=("UpdateEmailAddress", "UpdatePhoneNumber"),
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
        reason="a sign-up of another client is not found, as GET answers",
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
