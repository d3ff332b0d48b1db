"""The pages say all that the program does, and nothing of where they were written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ctmonitor.cli.parser import COMMANDS, parse
from ctmonitor.rules import Tuning, rules
from ctmonitor.settings import SETTINGS, read_settings
from tests.documentation.print_pages import DOCS, PRINTED
from tests.documentation.reading import (
    PAGES,
    ROOT,
    anchors,
    blocks,
    commands,
    links,
    name_of,
    text_of,
)

every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)
HANDWRITTEN = "\n".join(text_of(page) for page in PAGES if page.name not in PRINTED)


@pytest.mark.parametrize("name", PRINTED)
def test_printed_pages_are_fresh(name):
    """A page that is printed from the program is the one that would be printed now."""
    assert text_of(DOCS / name) == PRINTED[name](), "run `make docs`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_explained(name):
    """Every command stands on the page of commands, and on one that says what it is good for."""
    assert f"\n## {name}\n" in text_of(DOCS / "commands.md")
    assert re.search(rf"ctmonitor {name}\b", HANDWRITTEN)


@pytest.mark.parametrize("variable", [one.variable for one in SETTINGS])
def test_every_setting_is_explained(variable):
    """Every setting stands on the page of settings."""
    assert f"| `{variable}` |" in text_of(DOCS / "settings.md")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_rule_is_explained(rule):
    """Every rule stands on the page of rules with its question and its parameters."""
    page = text_of(DOCS / "rules.md")
    assert f"\n## {rule.name}\n\n{rule.question}\n" in page
    assert all(f"- `{parameter.name}` (" in page for parameter in rule.parameters)


@every_page
def test_links_lead_somewhere(page):
    """Every link to another page, or to a heading of one, finds it."""
    for link in links(text_of(page)):
        if not link.startswith("https://"):
            path, _, heading = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            assert not heading or heading in anchors(text_of(target)), link


@every_page
def test_commands_can_be_typed(page):
    """Every command line on a page is one that the program takes."""
    for words in commands(text_of(page)):
        try:
            parse(words)
        except SystemExit as end:
            assert end.code == 0, f"ctmonitor {' '.join(words)}"


def test_commands_are_found():
    """The reader of pages finds lines behind variables and pipes, and leaves placeholders."""
    block = "```sh\nA=b ctmonitor alerts --csv | sort && ctmonitor due\n```\n"
    found = list(commands(f"`ctmonitor history NCT` `ctmonitor history`\n{block}"))
    assert found == [["alerts", "--csv"], ["due"], ["history", "--help"]]


@every_page
def test_settings_can_be_given(page, tmp_path):
    """Every settings file that a page shows is accepted."""
    path = tmp_path / "ctmonitor.toml"
    for block in blocks(text_of(page)):
        if block.language == "toml":
            path.write_text(block.text, encoding="utf-8")
            assert Tuning.read(read_settings({}, folder=tmp_path).rules).choices


@every_page
def test_no_page_names_a_place_of_its_writing(page):
    """No page holds a path of the machine on which it was written."""
    homes = {str(ROOT), str(Path.home()), str(Path.cwd())} - {"/"}
    text = text_of(page)
    assert not [home for home in homes if re.search(rf"{re.escape(home)}\b", text)]
    assert not re.search(r"/(tmp|root|var/folders)/", text)


def test_every_page_is_in_the_index():
    """The index links every page."""
    linked = {
        (DOCS / link.partition("#")[0]).resolve() for link in links(text_of(DOCS / "index.md"))
    }
    assert {page for page in PAGES if DOCS in page.parents} - linked == {DOCS / "index.md"}
