"""Organization activation by URL: which organization, or the personal account, a path asks for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from greffier.sdk.http.path_patterns import compile_path_pattern


@dataclass(frozen=True, slots=True)
class OrganizationTarget:
    """The organization that a path activates, by id or slug, or (both None) the personal account."""

    organization_id: str | None = None
    slug: str | None = None

    @property
    def parameter(self) -> str:
        """The value of `organization_id` in a handshake: id or slug; empty for the personal account."""
        return self.slug or self.organization_id or ""

    def is_active(self, *, org_id: str | None, org_slug: str | None) -> bool:
        """Whether the session has this target active already."""
        if self.organization_id is not None:
            return self.organization_id == org_id
        if self.slug is not None:
            return self.slug == org_slug
        return org_id is None


class OrganizationSync:
    """Patterns with `:id` or `:slug` that name an organization, and patterns of the personal account.

    Example: `OrganizationSync(organization_patterns=["/orgs/:slug", "/orgs/:slug/(.*)"],
    personal_account_patterns=["/me", "/me/(.*)"])`.
    """

    def __init__(
        self, *, organization_patterns: Sequence[str] = (), personal_account_patterns: Sequence[str] = ()
    ) -> None:
        self._organization = _compiled(organization_patterns)
        self._personal = _compiled(personal_account_patterns)

    def target(self, path: str) -> OrganizationTarget | None:
        """The target that the path asks for; None when it asks for none."""
        match = _first_match(self._organization, path)
        if match is not None:
            names: dict[str, Any] = match.groupdict()
            if names.get("id"):
                return OrganizationTarget(organization_id=names["id"])
            if names.get("slug"):
                return OrganizationTarget(slug=names["slug"])
        return OrganizationTarget() if _first_match(self._personal, path) else None


def _compiled(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    return [compile_path_pattern(pattern, ignore_case=True) for pattern in patterns]


def _first_match(patterns: Sequence[re.Pattern[str]], path: str) -> re.Match[str] | None:
    for pattern in patterns:
        match = pattern.match(path)
        if match is not None:
            return match
    return None
