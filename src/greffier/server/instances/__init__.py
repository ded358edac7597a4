"""Instances: who the keys belong to, and the settings a dashboard user edits."""
