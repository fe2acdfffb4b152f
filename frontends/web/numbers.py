"""Numbers in addresses and forms: those of rows, as large as a database can hold."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Path

LARGEST = 2**63 - 1
#: of what an address names
Number = Annotated[int, Path(ge=1, le=LARGEST)]
#: of what a form is about; None: all of them
Chosen = Annotated[int | None, Form(ge=1, le=LARGEST)]
