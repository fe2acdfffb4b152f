"""Whom the pages ask: the desks of one store, opened once for the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from frontends.web.languages import Interface, Languages
from pipeline.accessdesk import AccessDesk
from pipeline.alertdesk import AlertDesk
from pipeline.clock import Clock
from pipeline.desk import Desk
from pipeline.ruledesk import RuleDesk
from pipeline.settings import Settings
from pipeline.topics import Topics


@dataclass(frozen=True, slots=True)
class Office:
    """The desks, and what the configuration says of topics and interface."""

    settings: Settings
    clock: Clock
    desk: Desk
    alerts: AlertDesk
    rules: RuleDesk
    access: AccessDesk
    topics: Topics
    languages: Languages
    #: called when the process ends
    close: Callable[[], None]


# async, as they wait for nothing: what is not is asked in a thread of its own
async def office(request: Request) -> Office:
    """The office of the app that answers this request."""
    found: Office = request.app.state.office
    return found


async def interface(request: Request) -> Interface:
    """The interface language of whoever asks."""
    found: Interface = request.state.interface
    return found


OfficeHere = Annotated[Office, Depends(office)]
InterfaceHere = Annotated[Interface, Depends(interface)]
