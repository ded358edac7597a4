"""The tokens that other sites gave for accounts of users, with which an application acts there for them."""
