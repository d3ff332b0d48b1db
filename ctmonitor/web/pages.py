"""The pages that a link in a message leads to: a sentence or two, and at most one button."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ctmonitor.delivery.tokens import Act
from ctmonitor.delivery.words import one_line
from ctmonitor.jobs.links import Asked

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program posts for its reader (RFC 8058), and our own button too."""

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px 16px; background: #ffffff; color: #1b1b1b;
  font: 17px/1.5 sans-serif; }
main { max-width: 36rem; margin: 0 auto; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; padding: 12px 20px; border: 2px solid #0b4fb3; border-radius: 6px;
  background: #0b4fb3; color: #ffffff; cursor: pointer; }
button:focus-visible { outline: 3px solid #1b1b1b; outline-offset: 2px; }
@media (prefers-color-scheme: dark) {
body { background: #121212; color: #ececec; }
button { border-color: #9cc2ff; background: #9cc2ff; color: #121212; }
button:focus-visible { outline-color: #ececec; }
}
"""
STYLE_HASH = f"'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"


def asking(asked: Asked) -> str:
    """What a link would do, and the button that does it."""
    if asked.is_done:
        return done(asked)
    if asked.act is Act.UNSUBSCRIBE:
        return _page(
            "Stop these messages?",
            f"You will get no more messages about {asked.about}.",
            button="Stop them",
        )
    return _page(
        "Is this alert in hand?",
        asked.about,
        "You will not be reminded of it, and nobody else will be asked in your place.",
        button="Yes, it is in hand",
    )


def done(asked: Asked) -> str:
    """That what a link asks for is so."""
    if asked.act is Act.UNSUBSCRIBE:
        again = "To get them again, write to whoever runs this monitor."
        return _page("Stopped", f"You get no more messages about {asked.about}.", again)
    return _page("In hand", asked.about, "It is noted that you have this alert in hand.")


def wrong(title: str, sentence: str) -> str:
    """Why nothing was done."""
    return _page(title, sentence)


def _page(title: str, *sentences: str, button: str | None = None) -> str:
    field, value = ONE_CLICK
    return _template().render(
        title=title,
        # What names and headlines hold may turn the writing of the whole sentence.
        sentences=tuple(map(one_line, sentences)),
        button=button,
        field=field,
        value=value,
        # Within <style> nothing is escaped, and this is ours.
        style=Markup(STYLE),
    )


@cache
def _template() -> Template:
    source = files("ctmonitor.web").joinpath("page.html").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source)
