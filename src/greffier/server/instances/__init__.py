"""Instances: the tenants that keys belong to, and the settings a dashboard user edits."""
