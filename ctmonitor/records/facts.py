"""The few typed fields of a study that rules and questions need, and the days they lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from ctmonitor.records.dates import PartialDate, end_of_month_after, same_day_after
from ctmonitor.records.statuses import ENDED, LAPSING, DateType, OverallStatus

NCT_ID = re.compile(r"NCT(?!0{8})\d{8}", re.ASCII)

UNKNOWN_AFTER_MONTHS = 24
VERIFICATION_MONTHS = 12
STATUS_UPDATE_DAYS = 30
RESULTS_YEARS = 1
CERTIFIED_RESULTS_YEARS = 3
_REPORTING = LAPSING | {
    OverallStatus.SUSPENDED,
    OverallStatus.TERMINATED,
    OverallStatus.COMPLETED,
}
"""The statuses in which dates that were planned are to become actual ones."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registry says about one study, as far as rules and questions need it.

    None means that the registry does not say it (or that the format cannot).
    """

    nct_id: str
    brief_title: str | None = None
    overall_status: OverallStatus | None = None
    last_known_status: OverallStatus | None = None
    status_verified_date: PartialDate | None = None
    why_stopped: str | None = None
    start_date: PartialDate | None = None
    start_date_type: DateType | None = None
    primary_completion_date: PartialDate | None = None
    primary_completion_date_type: DateType | None = None
    completion_date: PartialDate | None = None
    completion_date_type: DateType | None = None
    enrollment: int | None = None
    enrollment_type: DateType | None = None
    lead_sponsor: str | None = None
    study_type: str | None = None
    has_results: bool = False
    results_first_posted_date: PartialDate | None = None
    study_first_posted_date: PartialDate | None = None
    last_update_posted_date: PartialDate | None = None
    data_date: date | None = None
    """The data date of the release this was read from (`versionHolder`)."""
    is_probably_applicable: bool = False
    """Whether it is probably an applicable clinical trial of 42 CFR 11.22(b)."""
    is_certified: bool = False
    """Whether the sponsor certified a delay of its results (42 CFR 11.44(b), (c))."""
    is_results_pending: bool = False
    """Whether results were sent to the registry and not withdrawn since, but are not posted."""
    is_review_annotated: bool = field(default=False, compare=False)
    """Whether it is the registry's annotation that says so; known of what was just read only."""
    is_eu_trial: bool = False
    """Whether it is an interventional study with a number of EudraCT or CTIS."""
    is_partial: bool = False
    """Whether the format this was read from cannot say everything, as a study page cannot."""

    def __post_init__(self) -> None:
        if not NCT_ID.fullmatch(self.nct_id):
            raise ValueError(f"{self.nct_id[:40]!r} is not a study number (NCT and eight digits)")

    @property
    def submitted_status(self) -> OverallStatus | None:
        """The sponsor's own status: behind UNKNOWN, the last known one."""
        if self.overall_status is OverallStatus.UNKNOWN:
            return self.last_known_status
        return self.overall_status

    @property
    def unknown_due_on(self) -> date | None:
        """The first data date on which the registry shows UNKNOWN if nobody acts; None if never.

        The later of the last day of the month 24 months after the verified month, and the day
        after the end of the completion date, when there is one. Fitted on 1,598 records and 6,008
        record-days of 2023 to 2026 without one error; the registry's glossary says it in words:
        https://clinicaltrials.gov/study-basics/glossary
        """
        if self.submitted_status not in LAPSING or self.status_verified_date is None:
            return None
        unverified = end_of_month_after(self.status_verified_date, UNKNOWN_AFTER_MONTHS)
        if self.completion_date is None:
            return unverified
        return max(unverified, self.completion_date.last + timedelta(days=1))

    @property
    def verification_due_on(self) -> date | None:
        """The last day by which an unfinished record is to be verified again; None if never.

        42 CFR 11.64(a)(1): the whole record at least once every 12 months.
        """
        over = self.overall_status in ENDED or self.overall_status is OverallStatus.UNKNOWN
        if over or self.overall_status is None or self.status_verified_date is None:
            return None
        return end_of_month_after(self.status_verified_date, VERIFICATION_MONTHS)

    @property
    def completion_passed_on(self) -> date | None:
        """The first day on which an open status no longer fits the completion date.

        The day after the 30 days that 42 CFR 11.64(a)(1)(ii) leaves for a change of status; None
        for a study that is not open or gives no completion date.
        """
        if self.overall_status not in LAPSING or self.completion_date is None:
            return None
        return self.completion_date.last + timedelta(days=STATUS_UPDATE_DAYS + 1)

    @property
    def primary_completion_passed_on(self) -> date | None:
        """The first day on which a planned primary completion date should be an actual one.

        The day after the 30 days that 42 CFR 11.64(a)(1)(ii) leaves; None where the date is not
        a plan, or nothing says how the study goes.
        """
        if self.overall_status not in _REPORTING:
            return None
        return _passed_on(self.primary_completion_date, self.primary_completion_date_type)

    @property
    def start_passed_on(self) -> date | None:
        """The first day on which a planned start date should be an actual one, or a later plan.

        As `primary_completion_passed_on`.
        """
        if self.overall_status not in _REPORTING:
            return None
        return _passed_on(self.start_date, self.start_date_type)

    @property
    def eu_results_due_on(self) -> date | None:
        """The last day for a summary of results in the EU's register, probably; None when none is.

        Regulation (EU) 536/2014, Article 37(4): one year after the end of the trial.
        """
        if not self.is_eu_trial or self.has_results or self.completion_date is None:
            return None
        if self.overall_status is OverallStatus.WITHDRAWN:
            return None
        return same_day_after(self.completion_date.last, RESULTS_YEARS)

    @property
    def results_due_on(self) -> date | None:
        """The last day for results that are still owed, probably; None when none are.

        42 CFR 11.44(a): one year after the primary completion date; three years, as FDAAA
        TrialsTracker simplifies it, where a delay is certified. Results that are under the
        registry's review are owed no more.
        """
        if not self.is_probably_applicable or self.has_results or self.is_results_pending:
            return None
        if self.primary_completion_date is None:
            return None
        years = CERTIFIED_RESULTS_YEARS if self.is_certified else RESULTS_YEARS
        return same_day_after(self.primary_completion_date.last, years)

    @property
    def registry_date(self) -> date | None:
        """The registry's own day for this content: posted, or turned to UNKNOWN since."""
        posted = self.last_update_posted_date or self.study_first_posted_date
        days = [posted.last] if posted else []
        if self.overall_status is OverallStatus.UNKNOWN and self.unknown_due_on:
            days.append(self.unknown_due_on)
        said = max(days, default=self.data_date)
        return min(said, self.data_date) if said and self.data_date else said


def _passed_on(planned: PartialDate | None, type_: DateType | None) -> date | None:
    if planned is None or type_ is not DateType.ESTIMATED:
        return None
    return planned.last + timedelta(days=STATUS_UPDATE_DAYS + 1)
