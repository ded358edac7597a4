"""Programs that prove who they are: machines with their M2M tokens, and API keys."""
