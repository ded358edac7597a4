"""Codes and notices that strategies send by mail or text message."""
