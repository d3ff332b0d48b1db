"""One thing worth telling about one study: a fact, raised once and never edited."""

from ctmonitor.alerts.alert import Alert, Severity
from ctmonitor.alerts.flap import folded
from ctmonitor.alerts.flood import Told, fold

__all__ = ["Alert", "Severity", "Told", "fold", "folded"]
