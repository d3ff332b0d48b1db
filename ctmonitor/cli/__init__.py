"""The terminal: parse, call one job or ask one question, print."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ctmonitor.cli.call import Call, one_line
from ctmonitor.cli.options import check_text
from ctmonitor.cli.parser import parse
from ctmonitor.errors import CtmonitorError


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; gives its exit code. One sentence on stderr says what went wrong."""
    try:
        command, args = parse(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    try:
        check_text(args)
        with Call(args, environ) as call:
            code = int(command.run(call))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _said("interrupted; what was read until now is kept", 130)
    except BrokenPipeError:
        _forget_output()
        return 0
    except Exception as problem:
        if args.verbose:
            traceback.print_exc()
        return _told(problem)
    return code


def entry() -> None:
    """What the `ctmonitor` command runs."""
    _open_what_is_closed()
    # Looks make many small values and few cycles; at the usual pace the collector takes a tenth.
    gc.set_threshold(100_000, 50, 50)
    sys.exit(main(sys.argv[1:], os.environ))


def _told(problem: Exception) -> int:
    """Say what went wrong; gives the exit code."""
    if isinstance(problem, CtmonitorError):
        return _said(str(problem), problem.exit_code)
    if isinstance(problem, OSError) and problem.filename is None:
        _forget_output()
        why = problem.strerror or type(problem).__name__
        return _said(f"the output could not be written ({why}); send it somewhere else", 1)
    what = f"{type(problem).__name__}: {problem}"
    mend = "--verbose shows where; please report it, what is kept is unharmed"
    return _said(f"a fault in ctmonitor itself ({what}); {mend}", 1)


def _said(sentence: str, code: int) -> int:
    with suppress(OSError):
        sys.stderr.write(f"ctmonitor: {one_line(sentence)}\n")
    return code


def _forget_output() -> None:
    """Let what is still to be written go: nobody reads it, and Python would complain at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_what_is_closed() -> None:
    """Give a process that was begun without output or errors something to write to."""
    sys.stdout, sys.stderr = (
        stream or io.TextIOWrapper(io.FileIO(os.devnull, "w"))
        for stream in (sys.stdout, sys.stderr)
    )
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows few characters is shown an escape, not a fault.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


__all__ = ["entry", "main"]
