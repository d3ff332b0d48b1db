"""How far a message may reach: no address inside the network, and no longer than its time.

Both are asked at the connection itself, whichever library makes it: what a name stood for a moment
before, or what a redirect says, changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

USUAL_PORTS = (80, 443, 8443)
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.88.99.0/24",  # the relays of 6to4
            "::/96",  # IPv4 written as IPv6, in a way long given up
            "64:ff9b::/96",  # NAT64: IPv4 behind a translator, loopback included
            "64:ff9b:1::/48",
            "2001::/23",  # Teredo and other special uses
            "2002::/16",  # 6to4
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)
_here = threading.local()


class Reach:
    """The limits of one message while it is sent; `why` says afterwards which of them it met."""

    def __init__(self, seconds: float, *, may_be_private: bool) -> None:
        self.seconds = seconds
        self.may_be_private = may_be_private
        self.why: str | None = None
        self._ends = time.monotonic() + seconds
        self._open: list[socket.socket] = []

    def check(self, connecting: socket.socket, address: Any) -> None:
        """Let a connection be made, or raise OSError."""
        # A name may stand for several addresses, of which one is tried after the other.
        self.why = None if self.may_be_private else why_not(address)
        self._open.append(connecting.dup())
        if time.monotonic() >= self._ends:
            self.end()
        if self.why is not None:
            raise PermissionError(self.why)

    def end(self) -> None:
        """The time is over: whoever waits for the other side waits no more."""
        self.why = f"it took longer than {self.seconds:g} seconds"
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connections; whoever made them closes them."""
        for one in self._open:
            one.close()


@contextmanager
def reaching(seconds: float, *, may_be_private: bool) -> Iterator[Reach]:
    """What this thread connects to meanwhile is held to the limits.

    A connection that is refused or cut shows as an OSError to whoever made it.
    """
    _listen()
    reach = Reach(seconds, may_be_private=may_be_private)
    watch = threading.Timer(seconds, reach.end)
    watch.daemon = True
    _here.reach = reach
    watch.start()
    try:
        yield reach
    finally:
        _here.reach = None
        watch.cancel()
        watch.join()
        reach.close()


def why_not(address: Any) -> str | None:
    """Why an address of a socket is not to be connected to; None when it is a public one."""
    if not isinstance(address, tuple):
        return "it is inside this machine"
    host, port = str(address[0]), address[1]
    if not is_public(host):
        return f"{host} is inside a private network"
    if port not in USUAL_PORTS:
        return f"port {port} is none of {', '.join(map(str, USUAL_PORTS))}"
    return None


def is_public(host: str) -> bool:
    """Whether an IP address belongs to the whole world, and to one machine of it."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    is_special = any(address in network for network in _INSIDE)
    return address.is_global and not (address.is_multicast or address.is_reserved or is_special)


@cache
def _listen() -> None:
    """Ask for the limits of the thread at each connection from now on."""
    sys.addaudithook(_heard)


def _heard(happening: str, told: tuple[Any, ...]) -> None:
    if happening in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        reach = getattr(_here, "reach", None)
        if reach is not None and told[1] is not None:
            reach.check(told[0], told[1])
