"""Authentication of programs: machines with their M2M tokens, and API keys."""
