"""Nothing inside the network is reached, whatever a name or a redirect says; nothing takes long."""

from __future__ import annotations

import socket
import threading
import time

import pytest
import requests

from ctmonitor.delivery import reach as reaches
from ctmonitor.delivery.reach import is_public, reaching, why_not
from tests.delivery.dripping import dripping

INSIDE = (
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "2001:db8::1",
    "3fff::1",
    "host",
)
OUTSIDE = ("93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001:81b::200e")
NAMES_OF_LOOPBACK = ("localhost", "2130706433", "0177.0.0.1", "127.1", "0x7f000001", "[::1]")


@pytest.mark.parametrize("host", INSIDE)
def test_what_is_inside_a_network_is_not_public(host):
    """Translators, tunnels, links and groups among it."""
    assert not is_public(host)
    assert why_not((host, 443))


@pytest.mark.parametrize("host", OUTSIDE)
def test_the_rest_of_the_world_is_public(host):
    """On the ports that web servers have."""
    assert why_not((host, 443)) is None
    assert why_not((host, 22)) == "port 22 is none of 80, 443, 8443"


@pytest.fixture
def drip():
    """The port of a server that drips, and who came to it."""
    with dripping() as server:
        yield server


@pytest.mark.parametrize("name", NAMES_OF_LOOPBACK)
def test_however_loopback_is_written_nobody_is_connected_to(drip, name):
    """The address is asked that the system is about to connect to, not the one in the URL."""
    port, came = drip
    with reaching(5, may_be_private=False) as reach, pytest.raises(requests.RequestException):
        requests.get(f"http://{name}:{port}/", timeout=5)
    assert reach.why and "is inside a private network" in reach.why
    assert came == []


def test_a_name_that_turns_into_another_address_is_refused(drip, monkeypatch):
    """As with DNS rebinding: public when asked before, private when connected to."""
    port, came = drip
    answers = [("8.8.8.8", port), ("127.0.0.1", port)]

    def lookup(*_asked, **_named):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers.pop(0))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert socket.getaddrinfo("hooks.hospital.example", port)[0][4][0] == "8.8.8.8"
    with reaching(5, may_be_private=False) as reach, pytest.raises(requests.RequestException):
        requests.get(f"http://hooks.hospital.example:{port}/", timeout=5)
    assert reach.why == "127.0.0.1 is inside a private network"
    assert came == []


def test_of_a_name_with_several_addresses_the_public_one_is_reached(monkeypatch):
    """One that is refused says nothing of the others; that none of them was is then the reason."""
    asked = []
    monkeypatch.setattr(reaches, "why_not", lambda address: asked.append(address) or answers.pop(0))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))] * 2
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_named: both)
        answers = ["it is private", None]
        with reaching(5, may_be_private=False) as reach:
            socket.create_connection(("hooks.hospital.example", port)).close()
    assert (len(asked), reach.why) == (2, None)


def test_a_server_that_drips_is_left_when_the_time_is_over(drip):
    """No single byte came too late for the library's own limit."""
    port, came = drip
    begun = time.monotonic()
    with reaching(0.8, may_be_private=True) as reach, pytest.raises(requests.RequestException):
        requests.get(f"http://127.0.0.1:{port}/", timeout=5)
    assert reach.why == "it took longer than 0.8 seconds"
    assert time.monotonic() - begun < 4
    assert len(came) == 1


def test_other_threads_and_later_times_are_not_held_to_it(drip):
    """Only what a message does while it is sent."""
    port, _ = drip
    made = []
    with reaching(5, may_be_private=False):
        other = threading.Thread(
            target=lambda: made.append(socket.create_connection(("127.0.0.1", port)))
        )
        other.start()
        other.join()
    made.append(socket.create_connection(("127.0.0.1", port)))
    assert [one.close() for one in made] == [None, None]
