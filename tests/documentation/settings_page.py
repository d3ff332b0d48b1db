"""The page of settings, from the settings themselves."""

from __future__ import annotations

from collections.abc import Iterator

from ctmonitor.settings import CONFIG_FILE, SETTINGS, Setting

TOP = f"""# Settings

<!-- Printed by `make docs` from ctmonitor/settings.py; change it there instead. -->

Each setting can be given in three ways. The first one found counts:

1. an environment variable, such as `CTMONITOR_ZONE`;
2. a file that holds the value, named by the same variable with `_FILE` behind it, such as
   `CTMONITOR_SMTP_PASSWORD_FILE`: for secrets, which then stand in no environment and no command;
3. the name without the prefix, in small letters, in a TOML file: `{CONFIG_FILE}` in the working
   folder, or the file that `CTMONITOR_CONFIG` names.

```toml
database_url = "sqlite:////srv/ctmonitor/ctmonitor.db"
zone = "Europe/Berlin"
smtp_url = "smtp://mail.hospital.example:25"

[rules.primary-completion-slipped]
min_days = 30
```

The table `rules` tunes the rules: see [Tune the rules](tuning.md). An empty variable counts as not
set. A setting that cannot be used, or a name in the file that is none, ends the command with exit
code 3 and the sentence that mends it. `ctmonitor settings` prints every setting with its value and
where that came from, passwords masked.

| variable | in {CONFIG_FILE} | meaning | default |
|---|---|---|---|
"""
BOTTOM = """
Without `CTMONITOR_DATABASE_URL`, the store is a file in the data folder that your system gives to
each user; the option `--db` of every command goes before the setting. PostgreSQL needs
`pip install '.[postgres]'`.

The settings whose names begin with `CTMONITOR_CTGOV_`, and `CTMONITOR_CONTACT`, are the manners in
which the registry is asked: see [Look at the registry](registry.md#manners).
"""


def page() -> str:
    """The whole page."""
    return TOP + "".join(_rows()) + BOTTOM


def _rows() -> Iterator[str]:
    for one in SETTINGS:
        name = "" if one.name == "config" else f"`{one.name}`"
        yield f"| `{one.variable}` | {name} | {_meaning(one)} | {_default(one)} |\n"


def _meaning(one: Setting) -> str:
    return f"{one.meaning[0].upper()}{one.meaning[1:]}" + (" (secret)" if one.is_secret else "")


def _default(one: Setting) -> str:
    return "none" if one.default is None else f"`{one.default}`"
