"""How many connections there may be: in all, and of one client. Who comes too late may still ask for health.

A client is an IPv4 address, or the 64 bits of an IPv6 address that name a network: whoever has one of
those has all addresses in it. A proxy speaks for many and is not counted here; what its clients have
running is counted by the address that it tells (`rag.ui.limits`).
"""

from collections import Counter, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

__all__ = ["Seats", "client_of"]

_LATE = 32


def client_of(address: str) -> str:
    """Return the client that *address* belongs to; what is no address is a client of its own."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 64), strict=False))
    return str(found)


class Seats:
    """Counts connections. Not for several threads.

    Args:
        in_all: How many there may be.
        of_one: How many of one client, 0 for any number.
        proxy: Addresses and networks that are not counted by client, with commas between; ``*`` is all.
    """

    def __init__(self, in_all: int, of_one: int, proxy: str = "") -> None:
        self._in_all = in_all
        self._of_one = of_one
        self._proxies = [each.strip() for each in proxy.split(",") if each.strip()]
        self._taken: Counter[str] = Counter()
        self._late: deque[Callable[[], None]] = deque()

    def take(self, address: str) -> bool:
        """Take a seat for a connection from *address*; return whether there was one."""
        client = client_of(address)
        full = self._of_one and self._taken[client] >= self._of_one and not self._is_proxy(address)
        if full or self._taken.total() >= self._in_all:
            return False
        self._taken[client] += 1
        return True

    def leave(self, address: str) -> None:
        """Give a seat back."""
        client = client_of(address)
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]

    def wait(self, turn_away: Callable[[], None]) -> None:
        """Let a connection without a seat wait for its request; the one that waits longest makes room."""
        self._late.append(turn_away)
        if len(self._late) > _LATE:
            self._late.popleft()()

    def stop_waiting(self, turn_away: Callable[[], None]) -> None:
        """Forget a connection that waited."""
        if turn_away in self._late:
            self._late.remove(turn_away)

    def _is_proxy(self, address: str) -> bool:
        return any(each == "*" or _holds(each, address) for each in self._proxies)


def _holds(network: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return network == address
