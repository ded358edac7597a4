"""2026-05-12: metadata has operations of its own; who makes an API key is answered as everywhere."""

CHANGES = (
    "metadata_in_update_user",  # before: `PATCH /users/{id}` replaces the metadata documents it is given
    "metadata_in_update_me",  # before: `PATCH /me` replaces `unsafe_metadata`
    "metadata_in_update_organization",  # before: so does `PATCH /organizations/{id}`
    "create_api_key_answers_200",  # before: 201, and SDKs that speak those dates read nothing else
)
