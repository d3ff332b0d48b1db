"""The quick way from a study's JSON to its record, where nothing is out of the ordinary.

Nearly all studies are such. A decoder checks their types and an encoder writes them in order, both
at the speed of C, and what a record needs beside its content is taken from the parts while they
are in hand. What the decoder refuses, and what holds signs of something to mend, goes the long
way through `canonical`, which also has the words for what is wrong.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

from ctmonitor.formats.canonical import (
    WITHDRAWN_AGAIN,
    WITHDRAWN_ON,
    fingerprint_of,
    is_eu_trial,
    is_probably_applicable,
    unpadded_mesh,
)
from ctmonitor.formats.parts import UNREADABLE, Places, attribute, part_at, parts_of, sorted_bytes
from ctmonitor.formats.rows import digest_of
from ctmonitor.records import DateType, Facts, OverallStatus, PartialDate, Record, catalogue

_TO_MEND: Final = re.compile(rb"\\(?:r|u0000)")
"""Line ends of other systems and NUL, as they stand in canonical bytes."""

_STATUSES: Final[dict[str | None, OverallStatus | None]] = {str(one): one for one in OverallStatus}
_STATUSES[None] = None
_TYPES: Final[dict[str | None, DateType | None]] = {str(one): one for one in DateType}
_TYPES[None] = None
_BROWSE_MODULES: Final = ("conditionBrowseModule_", "interventionBrowseModule_")
_STATUS: Final = "protocolSection.statusModule"
_DATES_OF_FACTS: Final = (
    "derivedSection.miscInfoModule.versionHolder",
    f"{_STATUS}.statusVerifiedDate",
    f"{_STATUS}.startDateStruct.date",
    f"{_STATUS}.primaryCompletionDateStruct.date",
    f"{_STATUS}.completionDateStruct.date",
    f"{_STATUS}.resultsFirstPostDateStruct.date",
    f"{_STATUS}.studyFirstPostDateStruct.date",
    f"{_STATUS}.lastUpdatePostDateStruct.date",
)

Tree = dict[str, "Tree"]


def quickly(payload: bytes) -> Record | None:
    """The record in one study's JSON; None where only the long way can tell."""
    try:
        study = parts_of(payload)
        for text in _other_dates().values_in(study):
            PartialDate.parse(text)
        if study.protocolSection_ is None or study.protocolSection_.identificationModule_ is None:
            return None
        facts = _facts(study)
    except (*UNREADABLE, ValueError, KeyError):
        return None
    _mend_mesh_numbers(study)
    _drop(study, _never_kept())
    canonical = sorted_bytes(study)
    if _TO_MEND.search(canonical):
        return None
    return Record(
        facts,
        canonical,
        fingerprint_of(canonical),
        tuple(study.protocolSection_.identificationModule_.nctIdAliases_ or ()),
        row_digest=_row_digest(study),
    )


def _facts(study: Any) -> Facts:
    """What `canonical.facts_of` says; ValueError or KeyError where that would refuse."""
    protocol = study.protocolSection_
    titles = protocol.identificationModule_
    status = protocol.statusModule_ or _nothing_at(_STATUS)
    design = protocol.designModule_ or _nothing_at("protocolSection.designModule")
    enrolled = design.enrollmentInfo_
    start, primary, completion = (
        status.startDateStruct_,
        status.primaryCompletionDateStruct_,
        status.completionDateStruct_,
    )
    sponsors = protocol.sponsorCollaboratorsModule_
    sponsor = sponsors and sponsors.leadSponsor_
    start_date = _date_of(start)
    return Facts(
        nct_id=titles.nctId_ or "",
        brief_title=titles.briefTitle_,
        overall_status=_STATUSES[status.overallStatus_],
        last_known_status=_STATUSES[status.lastKnownStatus_],
        status_verified_date=_date(status.statusVerifiedDate_),
        why_stopped=status.whyStopped_,
        start_date=start_date,
        start_date_type=start and _TYPES[start.type_],
        primary_completion_date=_date_of(primary),
        primary_completion_date_type=primary and _TYPES[primary.type_],
        completion_date=_date_of(completion),
        completion_date_type=completion and _TYPES[completion.type_],
        enrollment=enrolled and enrolled.count_,
        enrollment_type=enrolled and _TYPES[enrolled.type_],
        lead_sponsor=sponsor and sponsor.name_,
        study_type=design.studyType_,
        has_results=study.hasResults_ or study.resultsSection_ is not None,
        results_first_posted_date=_date_of(status.resultsFirstPostDateStruct_),
        study_first_posted_date=_date_of(status.studyFirstPostDateStruct_),
        last_update_posted_date=_date_of(status.lastUpdatePostDateStruct_),
        data_date=_data_date(study),
        is_probably_applicable=_is_probably_applicable(protocol, design, start_date),
        is_certified=status.dispFirstSubmitDate_ is not None,
        is_results_pending=_is_pending(study),
        is_review_annotated=_is_annotated(study),
        is_eu_trial=is_eu_trial(
            design.studyType_, (one.type_ for one in titles.secondaryIdInfos_ or ())
        ),
    )


def _date(text: str | None) -> PartialDate | None:
    return None if text is None else PartialDate.parse(text)


def _date_of(struct: Any) -> PartialDate | None:
    return None if struct is None or struct.date_ is None else PartialDate.parse(struct.date_)


def _data_date(study: Any) -> date | None:
    module = study.derivedSection_ and study.derivedSection_.miscInfoModule_
    return None if not module or module.versionHolder_ is None else _last_day(module.versionHolder_)


@lru_cache(maxsize=16)
def _last_day(text: str) -> date:
    """All studies of one release bear its date."""
    return PartialDate.parse(text).last


def _is_probably_applicable(protocol: Any, design: Any, start: PartialDate | None) -> bool:
    oversight, intended = protocol.oversightModule_, design.designInfo_
    return is_probably_applicable(
        study_type=design.studyType_,
        is_regulated=oversight is not None
        and (oversight.isFdaRegulatedDrug_ or oversight.isFdaRegulatedDevice_) is True,
        phases=design.phases_ or (),
        primary_purpose=intended and intended.primaryPurpose_,
        overall_status=protocol.statusModule_ and protocol.statusModule_.overallStatus_,
        start=start,
    )


def _is_pending(study: Any) -> bool:
    if _sent(study):
        return _is_annotated(study)
    module = study.derivedSection_ and study.derivedSection_.miscInfoModule_
    tracking = module and module.submissionTracking_
    tracked = tracking and tracking.submissionInfos_
    return bool(tracked) and not any(getattr(tracked[-1], f"{name}_") for name in WITHDRAWN_ON)


def _is_annotated(study: Any) -> bool:
    sent = _sent(study)
    return bool(sent) and bool(sent[-1].type_ != WITHDRAWN_AGAIN)


def _sent(study: Any) -> Any:
    """What became of results that were sent to the registry and are not posted, in order."""
    annotations = study.annotationSection_ and study.annotationSection_.annotationModule_
    unposted = annotations and annotations.unpostedAnnotation_
    return unposted and unposted.unpostedEvents_


def _row_digest(study: Any) -> bytes:
    """What `rows.row_digest` says of the canonical bytes."""
    protocol = study.protocolSection_
    titles, oversight = protocol.identificationModule_, protocol.oversightModule_
    status = protocol.statusModule_ or _nothing_at(_STATUS)
    posted = status.lastUpdatePostDateStruct_
    return digest_of(
        titles.nctId_,
        titles.nctIdAliases_,
        status.overallStatus_,
        status.lastKnownStatus_,
        status.statusVerifiedDate_,
        posted and posted.date_,
        _sent(study),
        oversight and oversight.fdaaa801Violation_,
    )


@cache
def _nothing_at(path: str) -> Any:
    """A part that says nothing, to ask of where there is none."""
    return part_at(path)()


@cache
def _other_dates() -> Places:
    """Every date of the catalogue but those that are checked where the facts are made of them."""
    every = {path for path, field in catalogue().items() if field.type == "date"}
    return Places(sorted(every.difference(_DATES_OF_FACTS)))


@cache
def _never_kept() -> Tree:
    """What is never kept, as a tree of attributes; an empty one stands for a place itself."""
    whole: Tree = {}
    for path, field in catalogue().items():
        above = path.rpartition(".")[0]
        if field.is_never_kept and not (above and catalogue()[above].is_never_kept):
            branch = whole
            for name in path.split("."):
                branch = branch.setdefault(attribute(name), {})
    return whole


def _drop(part: Any, unwanted: Tree) -> None:
    """Take away what is never kept, and what held nothing else."""
    for name, below in unwanted.items():
        value = getattr(part, name)
        if value is None:
            continue
        nothing = type(value)() if below else None
        if below and value != nothing:
            _drop(value, below)
            if value == nothing:
                setattr(part, name, None)
        elif not below:
            setattr(part, name, None)


def _mend_mesh_numbers(study: Any) -> None:
    derived = study.derivedSection_
    for name in _BROWSE_MODULES if derived is not None else ():
        module = getattr(derived, name)
        if module is None:
            continue
        for members in (module.meshes_, module.ancestors_):
            for mesh in members or ():
                if mesh.id_ is not None and mesh.id_.startswith("D000"):
                    mesh.id_ = unpadded_mesh(mesh.id_)
