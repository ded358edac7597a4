"""2026-05-12: metadata has operations of its own."""

CHANGES = (
    "metadata_in_update_user",  # before: `PATCH /users/{id}` replaces the metadata documents it is given
    "metadata_in_update_me",  # before: `PATCH /me` replaces `unsafe_metadata`
)
