"""A program is told by signed messages of a known shape, and only 2xx says that it took one."""

from __future__ import annotations

import base64
import json
import os
import socket
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import jsonschema
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from ctmonitor.alerts import Severity
from ctmonitor.delivery import Occasion, Outlets, Webhook, deliver, webhook
from ctmonitor.delivery.told import MOST_BYTES, TYPES, told_of
from ctmonitor.errors import DeliveryFailed, SettingWrong
from tests.delivery.build import SENDER, a_digest, a_row, many
from tests.delivery.dripping import dripping
from tests.delivery.receiver import a_receiver

SCHEMA = json.loads(Path("docs/webhook.schema.json").read_text())
OLD, NEW = (f"whsec_{base64.b64encode(bytes([one]) * 32).decode()}" for one in (1, 2))
KEY = "ab" * 32


def hook(url: str, secrets: str = OLD, *, allow_private: bool = True) -> Webhook:
    return Webhook.checked("safety", url, secrets, allow_private=allow_private)


def give(url: str, secrets: str = OLD, **wanted: object) -> None:
    """Deliver a digest to a webhook on this machine."""
    outlets = Outlets(None, SENDER, webhooks={"safety": hook(url, secrets)})
    deliver(a_digest(address="webhook:safety", **wanted), outlets)


def test_a_message_is_signed_as_the_specification_says():
    """Another implementation finds it right, and wrong as soon as a byte is another one."""
    with a_receiver() as receiver:
        give(f"{receiver.url}/ctmonitor?team=1")
    [(path, headers, body)] = receiver.came
    assert (path, headers["content-type"]) == ("/ctmonitor?team=1", "application/json")
    assert headers["webhook-id"] == KEY
    assert Verifier(OLD).verify(body, headers)["data"]["key"] == KEY
    with pytest.raises(WebhookVerificationError):
        Verifier(OLD).verify(body.replace(b"UNKNOWN", b"KNOWN"), headers)


def test_while_secrets_are_changed_both_sign():
    """Who still has the old one, and who has the new one already, both trust the message."""
    with a_receiver() as receiver:
        give(receiver.url, f"{NEW}\n{OLD}\n")
    [(_, headers, body)] = receiver.came
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (OLD, NEW):
        Verifier(secret).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Verifier("whsec_" + base64.b64encode(bytes(32)).decode()).verify(body, headers)


def test_a_repeat_has_the_same_id_and_body():
    """Only when it was sent is another; so a receiver can tell a repeat."""
    with a_receiver(500, 204) as receiver:
        with pytest.raises(DeliveryFailed):
            give(receiver.url)
        give(receiver.url)
    (_, first, one), (_, second, two) = receiver.came
    assert (first["webhook-id"], one) == (second["webhook-id"], two)


@pytest.mark.parametrize("code", [200, 201, 204, 299])
def test_two_hundreds_say_that_it_was_taken(code):
    """And nothing else is asked."""
    with a_receiver(code) as receiver:
        give(receiver.url)
    assert len(receiver.came) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 400, 401, 404, 410, 413, 429, 500, 503, 599])
def test_every_other_code_says_that_it_was_not(code):
    """It is tried again, but where nobody wants any more; no redirect is followed."""
    with (
        a_receiver(code, location="/elsewhere") as receiver,
        pytest.raises(DeliveryFailed) as caught,
    ):
        give(f"{receiver.url}/secret-path")
    assert len(receiver.came) == 1
    assert (caught.value.permanent, caught.value.is_gone) == (False, code == 410)
    assert str(code) in caught.value.why
    assert "secret-path" not in str(caught.value)


IN_HALF_AN_HOUR = "in half an hour"


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("120", 120, 120),
        (IN_HALF_AN_HOUR, 1_700, 1_800),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        ("soon", 0, 0),
        ("9" * 30, 0, 10**30),
    ],
)
def test_a_receiver_may_ask_to_be_left_alone(said, least, most):
    """By seconds or by a date; what cannot be read says nothing."""
    if said == IN_HALF_AN_HOUR:
        said = format_datetime(datetime.now(UTC) + timedelta(minutes=30), usegmt=True)
    with a_receiver(503, retry_after=said) as receiver, pytest.raises(DeliveryFailed) as caught:
        give(receiver.url)
    assert least <= (caught.value.retry_after or 0) <= most


def test_private_addresses_are_refused_as_it_connects():
    """Unless the operator allows them; the receiver hears nothing."""
    with a_receiver() as receiver, socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        to = f"https://localhost:{listening.getsockname()[1]}/secret-path"
        outlets = Outlets(None, SENDER, webhooks={"safety": hook(to, allow_private=False)})
        with pytest.raises(DeliveryFailed, match="inside a private network") as caught:
            deliver(a_digest(address="webhook:safety"), outlets)
        with pytest.raises(TimeoutError):
            listening.accept()
    assert receiver.came == []
    assert "secret-path" not in repr(outlets) + str(caught.value)


def test_a_receiver_that_drips_its_answer_is_left(monkeypatch):
    """The time is for the whole message, not for each byte of the answer."""
    monkeypatch.setattr(webhook, "SECONDS", 0.8)
    with dripping() as (port, _):
        begun = time.monotonic()
        with pytest.raises(DeliveryFailed, match=r"longer than 0\.8 seconds"):
            give(f"http://127.0.0.1:{port}/")
    assert time.monotonic() - begun < 4


def test_nobody_there_is_tried_again():
    """The reason names neither the host nor the path."""
    with pytest.raises(DeliveryFailed) as caught:
        give("http://127.0.0.1:9/secret-path")
    assert str(caught.value) == "webhook:safety: it could not be reached (ConnectionError)"
    assert not caught.value.permanent


@pytest.mark.parametrize(
    ("url", "secrets", "allow_private"),
    [
        ("ftp://host/", OLD, True),
        ("http://hospital.example/", OLD, False),
        ("https://", OLD, True),
        ("https://host:99999/", OLD, True),
        ("https://host/\n", OLD, True),
        ("https://host/", "", True),
        ("https://host/", "secret", True),
        ("https://host/", "whsec_c2hvcnQ=", True),
        ("https://host/", "whsec_" + "A" * 43, True),
        ("https://host/", f"{OLD} {NEW} {OLD}", True),
    ],
)
def test_a_webhook_that_cannot_be_right_is_refused(url, secrets, allow_private):
    """By a sentence that repeats neither its address nor its secrets."""
    with pytest.raises(SettingWrong, match=r"webhooks\.safety") as caught:
        hook(url, secrets, allow_private=allow_private)
    assert "AQEB" not in str(caught.value)


def test_every_occasion_has_a_type_and_fits_the_schema():
    """What the documents say is what is sent."""
    assert set(TYPES) == set(Occasion)
    assert set(TYPES.values()) == set(SCHEMA["properties"]["type"]["enum"])
    for occasion in Occasion:
        told = json.loads(told_of(a_digest(*many(3), occasion=occasion, about="of a kind")))
        jsonschema.validate(told, SCHEMA)
        assert len(told["data"]["alerts"]) == 3


def test_an_alert_says_all_that_a_program_needs():
    """Numbers, dates and evidence as they are kept, not as they are printed."""
    row = a_row(severity=Severity.CRITICAL)
    told = json.loads(told_of(a_digest(row)))
    jsonschema.validate(told, SCHEMA)
    [alert] = told["data"]["alerts"]
    assert (alert["nct_id"], alert["rule"], alert["severity"], alert["brief_title"]) == (
        "NCT04946669",
        "became-unknown",
        "critical",
        "Bananas for Hiccups",
    )
    assert alert["evidence"] == [dict(row.alert.evidence[0])]
    assert alert["url"] == "https://clinicaltrials.gov/study/NCT04946669"
    assert (alert["key"], told["timestamp"]) == (row.alert.key, "2024-11-22T08:15:00Z")


@pytest.mark.parametrize(
    "texts",
    [
        {"headline": "long " * 20_000},
        {"evidence": ({"field": "brief_title", "before": "x" * 90_000, "after": "y"},)},
        {"evidence": tuple({"nct_id": f"NCT{n:08}", "headline": "z"} for n in range(5_000))},
        {"headline": "\ud800\u202e\x00 half a letter", "brief_title": "\U0001f9ea" * 5_000},
        {"lists": tuple(f"list {n}" + "\u8a66" * 300 for n in range(80))},
    ],
)
@pytest.mark.parametrize("count", [1, 25, 3_000])
def test_a_message_is_at_most_20_kb_and_says_what_it_leaves_out(texts, count):
    """Whatever stands in the record; no alert is left out of which it does not say the number."""
    rows = tuple(a_row(nct_id=f"NCT{n:08}", alert_id=n, **texts) for n in range(1, count + 1))
    body = told_of(a_digest(*rows))
    told = json.loads(body)["data"]
    jsonschema.validate(json.loads(body), SCHEMA)
    assert len(body) <= MOST_BYTES or count > 25
    told_ids = [alert["id"] for alert in told["alerts"]]
    assert sorted(told_ids + told["alert_ids_left_out"]) == list(range(1, count + 1))


def test_the_environment_sets_no_other_way(monkeypatch):
    """Neither a proxy nor a file of passwords that the system names."""
    monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
    with a_receiver() as receiver:
        give(receiver.url)
    assert "authorization" not in receiver.came[0][1]
