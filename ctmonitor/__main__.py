"""`python -m ctmonitor` is `ctmonitor`."""

from ctmonitor.cli import entry

entry()
