"""Storage: one facade over SQLite and PostgreSQL; tables and statements are SQLAlchemy Core."""
