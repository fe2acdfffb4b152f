"""URL -> Response -> Page: the only room, with the webhook, that opens sockets."""

from pipeline.fetch.client import Fetcher, guarded_client, user_agent
from pipeline.fetch.gate import Gate, HostGate
from pipeline.fetch.page import page_from, refuse_haste, refuse_status, retry_after
from pipeline.fetch.patient import Patient

__all__ = [
    "Fetcher",
    "Gate",
    "HostGate",
    "Patient",
    "guarded_client",
    "page_from",
    "refuse_haste",
    "refuse_status",
    "retry_after",
    "user_agent",
]
