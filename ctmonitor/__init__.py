"""ctmonitor watches clinical-trial registry records and tells people what changed."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ctmonitor")
except PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"
