"""`ctmonitor settings`, and every setting that is wrong."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Terminal

WRONG = {
    "ctgov_url": "ftp://registry.example",
    "ctgov_rate": "0",
    "mail_from": "nobody",
    "zone": "Mars/Base",
    "flood_limit": "-1",
}
WRONG_TABLES = [
    'zne = "UTC"',
    "zone = [1]",
    'zone = ""',
    "flood_limit = true",
    "zone =",
    "rules = 5",
    "[rules.nonsense]\nenabled = true",
    '[rules.stopped]\nseverity = "huge"',
    '[rules.stopped]\nenabled = "yes"',
    "[rules.stopped]\nnonsense = 1",
    "[rules]\nstopped = 1",
    f"flood_limit = {'9' * 5_000}",
    f"zone = {'[' * 2_000}",
]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_refused_by_every_way(terminal: Terminal, name: str) -> None:
    """By variable, by file and by TOML: exit code 3 and a sentence that names it."""
    file, config = terminal.folder / "secret", terminal.folder / "wrong.toml"
    file.write_text(f"{WRONG[name]}\n")
    config.write_text(f'{name} = "{WRONG[name]}"\n')
    ways = {name: WRONG[name]}, {f"{name}_file": str(file)}, {"config": str(config)}
    for way in ways:
        said = terminal("settings", **way)
        assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)
        assert f"CTMONITOR_{name.upper()}" in said.err
        assert "; give" in said.err


@pytest.mark.parametrize("table", WRONG_TABLES)
def test_a_wrong_table_is_refused(terminal: Terminal, table: str) -> None:
    """A typo in `ctmonitor.toml` is not passed over."""
    config = terminal.folder / "wrong.toml"
    config.write_text(table)
    said = terminal("rules", config=str(config))
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 1)


@pytest.mark.parametrize("settings", [{"config": "/nonexistent"}, {"zone_file": "/nonexistent"}])
def test_a_file_that_is_not_there_is_refused(terminal: Terminal, settings: dict[str, str]) -> None:
    """Who names a file means it."""
    said = terminal("settings", **settings)
    assert said.code == 3
    assert "/nonexistent" in said.err


def test_each_setting_says_where_it_came_from(terminal: Terminal) -> None:
    """Variable before file, file before TOML, TOML before the default."""
    config, file = terminal.folder / "my.toml", terminal.folder / "zone"
    config.write_text('zone = "Asia/Tokyo"\nflood_limit = 5\n')
    file.write_text("Europe/Berlin\n")
    found = terminal.ask("settings", config=str(config), zone_file=str(file), contact="Ada")
    by_name = {one["name"]: (one["value"], one["origin"]) for one in found}
    assert by_name["zone"] == ("Europe/Berlin", "CTMONITOR_ZONE_FILE")
    assert by_name["flood_limit"] == (5, str(config))
    assert by_name["contact"] == ("Ada", "CTMONITOR_CONTACT")
    assert by_name["ctgov_rate"] == (1.0, "default")


def test_no_password_is_shown(terminal: Terminal) -> None:
    """Neither a secret of its own, nor one within a URL."""
    said = terminal(
        "settings",
        "--json",
        smtp_password="hunter2",
        smtp_url="smtp://ada:hunter2@mail.example:587",
        database_url="postgresql://ada:hunter2@db.example/kept?sslpassword=hunter2&x=1",
    )
    assert "hunter2" not in said.out
    assert "db.example/kept?sslpassword=********&x=1" in said.out
