"""Alembic's entry point: runs on the connection that pipeline.storage.migrate hands over."""

from alembic import context

from pipeline.storage.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
