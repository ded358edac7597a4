"""Sign-up attempts: required and missing fields, verification, the user they become."""
