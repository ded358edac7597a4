"""This instance as an OAuth 2.0 and OpenID provider: applications, consent, tokens, discovery."""
