"""Every change of the tables since the first release, for Alembic."""
