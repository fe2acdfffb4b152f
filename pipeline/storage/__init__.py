"""The store: the only home of SQLAlchemy.

`store.Store` opens the database and hands out transactions; one module per noun reads and writes within them.
"""
