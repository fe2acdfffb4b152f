"""Many machines, one pipeline: Celery tasks that wrap the four steps. Thin: messages, the shared gate, wiring.

What is to be sent and what a message means is decided in pipeline/dispatch.py; docs/operating.md tells how it is run,
docs/decisions/0016-distributed.md why it is so.
"""
