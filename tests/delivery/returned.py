"""A mail that came back, as a mail server makes it (RFC 3464)."""

from __future__ import annotations

REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@relay.example
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I am sorry to have to tell you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0000

Final-Recipient: rfc822; ann@clinic.example
Action: {action}
Status: {status}
Diagnostic-Code: {code}

--b--
"""


def a_return(
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    code: str = "smtp; 550 5.1.1 no such user",
) -> bytes:
    """The bytes of one."""
    said = REPORT.format(to=to, action=action, status=status, code=code)
    return said.replace("\n", "\r\n").encode()
