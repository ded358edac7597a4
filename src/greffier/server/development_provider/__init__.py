"""The development provider: an OAuth 2 and OpenID provider that stands in for others and lets a developer be
any person. Its page is in `hosted_pages/`; all else is answered within the process, not by the network."""
