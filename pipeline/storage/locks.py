"""What two transactions may not do at once on PostgreSQL, by name: addresses, texts, speakers, outlets.

Rows that are there can be locked; of a row that two transactions are each about to make, neither sees anything. So a
transaction says beforehand what it is about, and waits for whoever is about the same. SQLite, which has one writer,
needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text
from xxhash import xxh3_64_intdigest

#: the server takes them in the order of the array, and all transactions in the order of the numbers: no two can wait
#: for each other
_HOLD = text("SELECT pg_advisory_xact_lock(name) FROM unnest(:names) AS name").bindparams(
    bindparam("names", type_=ARRAY(BigInteger))
)


def hold(db: Connection, names: Iterable[str]) -> None:
    """Keep others from what `names` name until this transaction ends, waiting for those who hold any of it now.

    All of it at once, and before anything is read that depends on it: what is read afterwards has what the others
    committed. A second call may meet somebody who waits for us, which the server ends as a deadlock: `Store.transact`
    then begins again.
    """
    if db.dialect.name != "postgresql":
        return
    numbers = sorted({_number(name) for name in names})
    if numbers:
        db.execute(_HOLD, {"names": numbers})


def _number(name: str) -> int:
    """A signed 64-bit number; that two names share one costs a wait, no more."""
    return xxh3_64_intdigest(name.encode("utf-8", "surrogatepass")) - (1 << 63)
