"""The Celery application: four queues, and what becomes of a message whose worker dies. Connects to nothing.

poll     feeds, a batch of one host      threads
fetch    one entry's page                threads
process  one entry's page, read          forked children that can be killed
deliver  one message to one channel      threads
"""

from __future__ import annotations

from celery import Celery
from kombu import Queue

from pipeline.dispatch import read_limit
from pipeline.errors import ConfigError
from pipeline.settings import Settings
from workers import transport

QUEUES = ("poll", "fetch", "process", "deliver")
#: seconds after which the broker gives a message to somebody else; the store's own leases run out long before
_VISIBILITY = 3600
#: seconds that tasks under way get after a SIGQUIT; after a SIGTERM each may end, which takes no longer than its limits
GRACE = 10.0


def make_app(settings: Settings) -> Celery:
    """The application, configured. Raises ConfigError where no broker is set."""
    if not settings.broker_url:
        raise ConfigError("environment", "VIGIA_BROKER_URL", "redis://HOST:PORT/NUMBER, where workers meet", "")
    if not settings.broker_url.startswith(("redis://", "rediss://")):
        raise ConfigError("environment", "VIGIA_BROKER_URL", "redis://HOST:PORT/NUMBER", settings.broker_url)
    transport.register()
    app = Celery("vigia", broker=settings.broker_url, set_as_current=True)
    app.conf.update(
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue="deliver",
        task_create_missing_queues=False,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        # a message is gone only when its work is done, and back at once when a child is killed, which the store counts
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_max_tasks_per_child=settings.process_tasks,
        worker_max_memory_per_child=settings.process_resident // 1024,
        worker_soft_shutdown_timeout=GRACE,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": max(_VISIBILITY, 2 * read_limit(settings)),
            # out of the box it looks for messages of dead workers every hundred seconds only
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 2.0,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        task_publish_retry=True,
        task_publish_retry_policy={"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5},
    )
    return app
