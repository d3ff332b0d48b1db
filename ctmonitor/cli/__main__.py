"""`python -m ctmonitor.cli` is `ctmonitor`."""

from ctmonitor.cli import entry

entry()
