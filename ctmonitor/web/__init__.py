"""What is reached by a browser: how well the watch goes, and the links in messages."""

from ctmonitor.web.app import Watch, make_app

__all__ = ["Watch", "make_app"]
