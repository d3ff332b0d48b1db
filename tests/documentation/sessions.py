"""Sessions on pages: run their commands again, and put what was printed where it belongs."""

from __future__ import annotations

import re
import shlex
import tempfile
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from importlib.resources import files
from io import StringIO
from pathlib import Path

from ctmonitor.cli import main
from tests.documentation.reading import Step, text_of
from tests.registry import Registry, Served, serving
from tests.registry.__main__ import release_of

INPUTS = "ctmonitor/jobs/demo"
HOME = "/home/ada"
"""Stands on the pages for the folder in which a session was run."""

REGISTRY = "https://clinicaltrials.gov"
"""Stands on the pages for the registry on loopback, which has the releases of the demo."""
RELEASES = ("day-1.ndjson", "day-2.ndjson")

NEXT_RELEASE = Step("<!-- the registry shows its next release -->", "")
"""What a page says, unseen, where the registry on loopback moves on."""

_SESSION = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_TURN = re.compile(f"{_SESSION.pattern}|^{NEXT_RELEASE.command}$", re.MULTILINE | re.DOTALL)


def is_ours(step: Step) -> bool:
    """Whether a step can be run again; what is another program's cannot."""
    return step.command.startswith("ctmonitor ")


def steps_in(page: Path) -> list[Step]:
    """Every command of a page's sessions with what the page says it prints, and each release."""
    return [step for turn in _TURN.findall(text_of(page)) for step in _steps(turn)]


def replay(steps: list[Step]) -> list[Step]:
    """The same commands, each with what it prints now, in order and from an empty store."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory())
        opened.enter_context(chdir(folder))
        inputs = Path(INPUTS)
        inputs.mkdir(parents=True)
        for source in files("ctmonitor.jobs.demo").iterdir():
            if source.name.endswith((".ndjson", ".txt")):
                (inputs / source.name).write_bytes(source.read_bytes())
        releases = (release_of(inputs / name) for name in RELEASES)
        served = opened.enter_context(serving(Registry(*releases)))
        return [_again(step, served) for step in steps]


def plain(step: Step) -> Step:
    """A step without what differs each time: seconds, times of day, chain heads, sizes."""
    text = re.sub(r"\d+\.\d s\)", "0.0 s)", step.printed)
    text = re.sub(r'"seconds": [\d.]+', '"seconds": 0.0', text)
    text = re.sub(r"[\d,]+ a second", "0 a second", text)
    text = re.sub(r'"bytes": \d+', '"bytes": 0', text)
    text = re.sub(r'(_at": "(?!null))[^"]+', r"\1then", text) if "finished_at" in text else text
    text = re.sub(r"was at \S+Z, \d+ \w+ ago", "was at then, 0 seconds ago", text)
    text = re.sub(r"\b\d+ (?:second|minute)s? ago", "0 seconds ago", text)
    text = re.sub(r"[\d.]+ % of the disk", "0 % of the disk", text)
    text = re.sub(r"(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d+)?Z", r"\1T00:00:00Z", text)
    return Step(step.command, re.sub(r"\b[0-9a-f]{64}\b", "0" * 64, text))


def renewed(page: Path) -> str:
    """The page's text with its sessions as they are now; as it is when nothing else was said."""
    before = steps_in(page)
    after = replay(before) if any(map(is_ours, before)) else before
    if list(map(plain, before)) == list(map(plain, after)):
        return text_of(page)
    waiting = (step for step in after if step != NEXT_RELEASE)

    def session(found: re.Match[str]) -> str:
        count = len(re.findall(r"^\$ ", found[0], flags=re.MULTILINE))
        return "".join(_shown(next(waiting)) for _ in range(count))

    return _SESSION.sub(session, text_of(page))


def _steps(turn: str) -> list[Step]:
    if turn == NEXT_RELEASE.command:
        return [NEXT_RELEASE]
    told = re.split(r"^\$ ", turn, flags=re.MULTILINE)
    return [Step(*one.rstrip("\n").partition("\n")[::2]) for one in told if one]


def _again(step: Step, served: Served) -> Step:
    if step == NEXT_RELEASE:
        served.registry.advance()
    if not is_ours(step):
        return step
    here, there = str(Path.cwd()), served.url.removesuffix("/api/v2")
    printed = _printed(step.command, served.url).replace(here, HOME).replace(there, REGISTRY)
    return Step(step.command, printed)


def _printed(command: str, url: str) -> str:
    told = StringIO()
    environ = {
        "CTMONITOR_DATABASE_URL": "sqlite:///ctmonitor.db",
        "CTMONITOR_CTGOV_URL": url,
        "CTMONITOR_CTGOV_RATE": "10000",
    }
    with redirect_stdout(told), redirect_stderr(told):
        main(shlex.split(command)[1:], environ)
    return "\n".join(line.rstrip() for line in told.getvalue().rstrip().splitlines())


def _shown(step: Step) -> str:
    return f"$ {step.command}\n{step.printed}\n" if step.printed else f"$ {step.command}\n"
