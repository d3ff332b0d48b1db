"""The terminal: parse, call one job or ask one question, print."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from ctmonitor.cli.call import Call
from ctmonitor.cli.parser import parse
from ctmonitor.errors import CtmonitorError


def main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command; gives its exit code. One sentence on stderr says what went wrong."""
    try:
        command, args = parse(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    try:
        with Call(args, environ) as call:
            return int(command.run(call))
    except CtmonitorError as problem:
        if getattr(args, "verbose", False):
            raise
        sys.stderr.write(f"ctmonitor: {problem}\n")
        return problem.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("ctmonitor: interrupted; what was read until now is kept\n")
        return 130
    except BrokenPipeError:
        # The reader of our output went away; Python must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def entry() -> None:
    """What the `ctmonitor` command runs."""
    sys.exit(main(sys.argv[1:], os.environ))


__all__ = ["entry", "main"]
