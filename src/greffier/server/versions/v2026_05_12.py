"""2026-05-12: metadata has operations of its own; the creation of an API key answers 200."""

from greffier.server.versions.gates import Gate

METADATA_HAS_OWN_OPERATIONS = Gate("2026-05-12")
"""Before: `PATCH` of a user, of `/me` and of an organization replaces the metadata documents it is given."""
CREATED_API_KEY_ANSWERS_200 = Gate("2026-05-12")
"""Before: 201, and SDKs that speak those dates read nothing else."""
