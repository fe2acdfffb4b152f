"""How long a login waits after failures; how many requests a caller has left."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock

#: failures are forgotten after so long without another
FORGOTTEN = timedelta(days=1)
#: callers remembered at once; who asked longest ago is forgotten, and had a full bucket by then
_CALLERS = 10_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures are answered: some are free, then each doubles the wait, up to the longest."""

    free: int
    first: float
    longest: float

    def wait(self, failures: int) -> float:
        """Seconds after the last of so many failures until the next try."""
        if failures < self.free:
            return 0.0
        return float(min(self.first * 2.0 ** min(failures - self.free, 40), self.longest))


#: one account: short, as anybody can make its owner wait
OF_USER = Patience(free=5, first=1.0, longest=60.0)
#: one address: long, but several people may share it
OF_ADDRESS = Patience(free=20, first=1.0, longest=900.0)


def left(patience: Patience, failures: int, last_at: datetime, now: datetime) -> float:
    """Seconds until a login may be tried; 0 for now. A clock that was put back makes nobody wait longer."""
    passed = (now - last_at).total_seconds()
    wait = patience.wait(failures)
    return min(max(wait - passed, 0.0), wait)


def network(address: str) -> str:
    """Who counts as one caller: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:80]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64)) + "/64"
    return str(found)


@dataclass(slots=True)
class Buckets:
    """A token bucket for each caller: `rate` requests a second, `burst` at once. Of this process alone; thread-safe."""

    rate: float
    burst: float
    #: seconds, from a clock that is never put back
    clock: Callable[[], float]
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, caller: str) -> float:
        """Take one; 0, or the seconds until there is one."""
        with self._lock:
            now = self.clock()
            level, at = self._levels.pop(caller, (self.burst, now))
            level = min(self.burst, level + (now - at) * self.rate)
            wait = 0.0 if level >= 1 else (1 - level) / self.rate
            self._levels[caller] = (level if wait else level - 1, now)
            if len(self._levels) > _CALLERS:
                self._levels.popitem(last=False)
            return wait
