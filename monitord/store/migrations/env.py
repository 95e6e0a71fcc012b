"""How Alembic runs: inside the transaction of the connection that schema.py hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
