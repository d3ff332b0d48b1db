"""Every error that ctmonitor raises.

    CtmonitorError
    |-- CommandWrong          2  the command line asks for something that cannot be
    |   `-- QuestionRefused   2  the registry does not understand a question
    |-- SettingWrong          3  an operator's setting cannot be used
    |-- SourceUnreadable      4  a source gave nothing that can be read
    |   |-- TokenExpired      4  a listing cannot be gone on with, only begun again
    |   `-- TooMany           4  more was asked for at once than a source gives
    |-- RecordRejected        4  one input is not a record we can read; the sweep goes on
    |-- StoreError            6  the database cannot be used
    |   |-- StoreMismatch     6  its schema is newer or older than the program
    |   |-- StoreBusy         6  somebody else holds it
    |   |   `-- AlreadyRunning 6 another look over the same scope is under way
    |   `-- ChainBroken       6  what is kept is not what was written
    `-- DeliveryFailed        7  one message did not leave
        `-- ServerUnreachable 7  the mail server itself cannot be used now

The number is the exit code of the command that ends with it.
"""

from __future__ import annotations

import copyreg
from typing import Any


class CtmonitorError(Exception):
    """Something that ctmonitor can say in one sentence to the person who asked."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # Made of facts but holding a sentence, it could not be made again in another process.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class CommandWrong(CtmonitorError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class QuestionRefused(CommandWrong):
    """The registry does not understand a question; `words` are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(f"the registry refused the question: {words}")
        self.words = words


class SettingWrong(CtmonitorError):
    """An operator's setting cannot be used."""

    exit_code = 3

    def __init__(self, name: str, why: str, mend: str) -> None:
        super().__init__(f"{name}: {why}; {mend}")
        self.name = name


class SourceUnreadable(CtmonitorError):
    """A source gave nothing that can be read."""

    exit_code = 4

    def __init__(self, source: str, why: str, mend: str = "no study was changed") -> None:
        super().__init__(f"{source}: {why}; {mend}")
        self.source = source
        self.why = why


class TokenExpired(SourceUnreadable):
    """A listing cannot be gone on with, only begun again."""


class TooMany(SourceUnreadable):
    """More was asked for at once than a source gives; asking for less may help."""


class RecordRejected(CtmonitorError):
    """A source handed over bytes that are not a record we can read."""

    exit_code = 4

    def __init__(self, where: str, why: str, nct_id: str | None = None) -> None:
        who = nct_id or "a record without a usable number"
        super().__init__(f"{who}: {where}: {why}; the stored record was left as it was")
        self.nct_id = nct_id
        self.where = where
        self.why = why


class StoreError(CtmonitorError):
    """The database cannot be used."""

    exit_code = 6


class StoreMismatch(StoreError):
    """The schema of the database is newer or older than the program."""

    def __init__(self, url: str, found: str, wanted: str, *, newer: bool) -> None:
        age, mend = (
            ("newer", "install the newer ctmonitor")
            if newer
            else ("older", "run `ctmonitor db upgrade`")
        )
        super().__init__(
            f"{url}: its schema ({found}) is {age} than this program's ({wanted}); {mend}"
        )


class StoreBusy(StoreError):
    """Somebody else holds the database, or the same scope is being swept."""


class AlreadyRunning(StoreBusy):
    """Another look over the same scope is under way; `owner` is the process that makes it."""

    def __init__(self, sweep_id: int, scope: str, since: str, owner: str) -> None:
        super().__init__(
            f"sweep {sweep_id} of {scope} is already running (since {since}, by {owner}); "
            "wait until it has finished"
        )
        self.owner = owner


class ChainBroken(StoreError):
    """What is kept is not what was written."""


class DeliveryFailed(CtmonitorError):
    """One message did not leave; `permanent` says that trying it again cannot help.

    `is_gone` says that nobody is there to hear at all, so that no other message need be tried;
    `retry_after` is how many seconds the other side asks to be left alone.
    """

    exit_code = 7

    def __init__(
        self,
        address: str,
        why: str,
        *,
        permanent: bool,
        is_gone: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{address}: {why}")
        self.address = address
        self.why = why
        self.permanent = permanent
        self.is_gone = is_gone
        self.retry_after = retry_after


class ServerUnreachable(DeliveryFailed):
    """The mail server itself cannot be used now; no other message by it need be tried."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why, permanent=False)
