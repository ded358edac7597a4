"""The two faces, and how operations are declared, routed and handled."""
