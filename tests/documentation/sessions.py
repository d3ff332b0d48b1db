"""Sessions on pages: run their commands again, and put what was printed where it belongs."""

from __future__ import annotations

import re
import shlex
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path

from ctmonitor.cli import main
from tests.documentation.reading import Step, text_of

INPUTS = "ctmonitor/jobs/demo"
HOME = "/home/ada"
"""Stands on the pages for the folder in which a session was run."""

_SESSION = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def is_ours(step: Step) -> bool:
    """Whether a step can be run again; what is another program's cannot."""
    return step.command.startswith("ctmonitor ")


def steps_in(page: Path) -> list[Step]:
    """Every command of a page's sessions, with what the page says it prints."""
    sessions = _SESSION.findall(text_of(page))
    told = [one for session in sessions for one in re.split(r"^\$ ", session, flags=re.MULTILINE)]
    return [Step(*one.rstrip("\n").partition("\n")[::2]) for one in told if one]


def replay(steps: list[Step]) -> list[Step]:
    """The same commands, each with what it prints now, in order and from an empty store."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        inputs = Path(INPUTS)
        inputs.mkdir(parents=True)
        for source in files("ctmonitor.jobs.demo").iterdir():
            if source.name.endswith((".ndjson", ".txt")):
                (inputs / source.name).write_bytes(source.read_bytes())
        here = str(Path.cwd())
        return [
            Step(step.command, _printed(step.command).replace(here, HOME))
            if is_ours(step)
            else step
            for step in steps
        ]


def plain(step: Step) -> Step:
    """A step without what differs each time: seconds, times of day, chain heads."""
    text = re.sub(r"\(\d+\.\d s\)", "(0.0 s)", step.printed)
    text = re.sub(r'"seconds": [\d.]+', '"seconds": 0.0', text)
    text = re.sub(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d+)?Z", r"\1T00:00:00Z", text)
    return Step(step.command, re.sub(r"\b[0-9a-f]{64}\b", "0" * 64, text))


def renewed(page: Path) -> str:
    """The page's text with its sessions as they are now; as it is when nothing else was said."""
    before = steps_in(page)
    after = replay(before) if any(map(is_ours, before)) else before
    if list(map(plain, before)) == list(map(plain, after)):
        return text_of(page)
    waiting = iter(after)

    def session(found: re.Match[str]) -> str:
        count = len(re.findall(r"^\$ ", found[0], flags=re.MULTILINE))
        return "".join(_shown(next(waiting)) for _ in range(count))

    return _SESSION.sub(session, text_of(page))


def _printed(command: str) -> str:
    told = StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        main(shlex.split(command)[1:], {"CTMONITOR_DATABASE_URL": "sqlite:///ctmonitor.db"})
    return "\n".join(line.rstrip() for line in told.getvalue().rstrip().splitlines())


def _shown(step: Step) -> str:
    return f"$ {step.command}\n{step.printed}\n" if step.printed else f"$ {step.command}\n"
