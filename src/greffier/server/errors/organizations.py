"""Organizations, their members and roles."""

from __future__ import annotations

from greffier.server.errors.base import ApiError, ErrorItem, api_error, form_item


def organization_not_found_or_unauthorized() -> ApiError:
    """One that does not exist and one that the user is no member of look the same."""
    return api_error(
        404,
        "organization_not_found_or_unauthorized",
        "not found or unauthorized",
        "There is no such organization, or you are not a member of it.",
    )


def organizations_not_enabled() -> ApiError:
    return api_error(
        403,
        "organization_not_enabled_in_instance",
        "access denied",
        "The settings of this instance do not enable organizations.",
    )


def organization_creation_not_allowed() -> ApiError:
    return api_error(
        403,
        "user_create_organization_not_enabled",
        "not allowed",
        "You may not make organizations here.",
    )


def too_many_organizations(maximum: int) -> ApiError:
    return api_error(
        403,
        "organization_quota_exceeded",
        "organization quota exceeded",
        f"You have made {maximum} organizations, and may not make more.",
    )


def organization_creator_not_found() -> ApiError:
    return api_error(
        400,
        "organization_creator_not_found",
        "creator not found",
        "There is no user with the id in created_by.",
        param_name="created_by",
    )


def organization_deletion_not_enabled() -> ApiError:
    return api_error(
        403,
        "organization_admin_delete_not_enabled",
        "deletion by members is not enabled",
        "The members of this organization may not delete it.",
    )


def missing_organization_permission(keys: tuple[str, ...]) -> ApiError:
    """Args: keys: any of them would do."""
    return api_error(
        403,
        "missing_organization_permission",
        "missing permission",
        f"Your role in this organization does not allow it: it needs {' or '.join(keys)}.",
        permissions=list(keys),
    )


def role_beyond_own() -> ApiError:
    """A member who manages members cannot grant more permissions than their own."""
    return api_error(
        403,
        "missing_organization_permission",
        "missing permission",
        "The role allows something that your own role does not.",
    )


def already_a_member(user_id: str) -> ApiError:
    return api_error(
        400,
        "already_a_member_in_organization",
        "already a member",
        f"{user_id} is a member of the organization already.",
    )


def too_many_members(maximum: int) -> ApiError:
    return api_error(
        403,
        "organization_membership_quota_exceeded",
        "organization membership quota exceeded",
        f"The organization may have {maximum} members, with those that are invited.",
    )


def last_administrator(status: int = 400) -> ApiError:
    return api_error(
        status,
        "organization_minimum_permissions_needed",
        "minimum organization permissions needed",
        "The organization would have no administrator left who may manage the members and delete it.",
    )


def role_not_found(param: str = "role") -> ApiError:
    return api_error(
        404, "resource_not_found", "not found", "This instance has no such role.", param_name=param
    )


def creator_role_needs(keys: tuple[str, ...]) -> ApiError:
    return api_error(
        422,
        "organization_missing_creator_role_permissions",
        "missing permissions for creator role",
        f"The creator of an organization gets this role, so it needs {', '.join(keys)}.",
    )


def role_is_creator_role() -> ApiError:
    return api_error(
        422,
        "organization_role_default_creator_role",
        "role is used as the creator role",
        "The creator of an organization gets this role. Choose another one for that first.",
    )


def role_is_domain_default_role() -> ApiError:
    return api_error(
        422,
        "organization_role_domain_default_role",
        "role is used as the domain default role",
        "Users who join by a domain get this role. Choose another one for that first.",
    )


def role_has_members() -> ApiError:
    return api_error(
        422,
        "organization_role_assigned_members",
        "role is assigned to members",
        "Members have this role. Give them another one first.",
    )


def too_many_roles(maximum: int) -> ApiError:
    return api_error(
        403,
        "organization_instance_roles_quota_exceeded",
        "too many roles",
        f"An instance may have {maximum} roles.",
    )


def too_many_permissions(maximum: int) -> ApiError:
    return api_error(
        403,
        "quota_exceeded",
        "too many permissions",
        f"An instance may have {maximum} permissions of its own.",
    )


def permission_assigned_already() -> ApiError:
    return api_error(
        409,
        "organization_role_permission_association_exists",
        "permission already assigned to role",
        "The role has this permission already.",
    )


def system_permission_stays() -> ApiError:
    return api_error(
        403,
        "organization_system_permission_not_modifiable",
        "system permission",
        "Permissions of the system are the same in every instance.",
    )


def organization_metadata_has_its_own_operation(param: str) -> ErrorItem:
    return form_item(
        "form_param_unknown",
        param,
        "is unknown",
        f"Since API version 2026-05-12, {param} is changed by PATCH "
        "/v1/organizations/{organization_id}/metadata, which merges, or by PUT, which replaces.",
    )


def role_too_large(role: str, maximum: int) -> ApiError:
    """Args: maximum: bytes of what a session token says of a role's permissions."""
    why = (
        f"The permissions of {role} would take more than {maximum} bytes of a session token, which browsers"
        " keep in a cookie. Give fewer permissions, or let them share features and actions."
    )
    return api_error(
        422, "form_param_exceeds_allowed_size", "exceeds allowed size", why, param_name="permissions"
    )


def role_has_invitations() -> ApiError:
    return api_error(
        422,
        "organization_role_exists_in_invitations",
        "role exists in pending invitations",
        "There are open invitations with this role. Revoke these invitations first.",
    )


def invitation_not_unique(email_addresses: list[str]) -> ApiError:
    return api_error(
        400,
        "organization_invitation_not_unique",
        "invited already",
        f"There is a pending invitation for {', '.join(email_addresses)} already.",
        email_addresses=email_addresses,
    )


def invited_already(email_addresses: list[str]) -> ApiError:
    """The browser components branch on this code to name the addresses."""
    return api_error(
        400,
        "duplicate_record",
        "invited already",
        "There is a pending invitation for this address already.",
        email_addresses=email_addresses,
    )


def members_already(email_addresses: list[str]) -> ApiError:
    """The browser components name the addresses."""
    return api_error(
        400,
        "already_a_member_in_organization",
        "already a member",
        f"{', '.join(email_addresses)}: already a member of the organization.",
        email_addresses=email_addresses,
    )
