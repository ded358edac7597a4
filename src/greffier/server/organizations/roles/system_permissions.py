"""Permissions that this server's own operations need."""

from __future__ import annotations

SYSTEM_PREFIX = "org:sys_"
MANAGE_PROFILE = "org:sys_profile:manage"
DELETE_PROFILE = "org:sys_profile:delete"
READ_DOMAINS = "org:sys_domains:read"
MANAGE_DOMAINS = "org:sys_domains:manage"
READ_MEMBERS = "org:sys_memberships:read"
MANAGE_MEMBERS = "org:sys_memberships:manage"

ADMINISTRATOR_PERMISSIONS = (MANAGE_MEMBERS, READ_MEMBERS, DELETE_PROFILE)
"""A member with these is an administrator. Every organization that has one keeps one."""
