"""Made records, pages and trees: a test names only the fields that matter to it."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from ctmonitor.formats import read_study
from ctmonitor.records import PartialDate, Record, field_named

NUMBER = "NCT00000001"
_HOLDER = "derivedSection.miscInfoModule.versionHolder"

PAGE = """Viewing Study {nct_id}


Ignite Creation Date: 2020-01-02 @ 11:03 PM
Ignite Modification Date: 2020-01-03 @ 10:52 PM
Study NCT ID: {nct_id}
Status: {overall_status}
Last Update Posted: {last_update_posted_date}
First Post: {study_first_posted_date}
Is NOT Gene Therapy: True
Has Adverse Events: False

Brief Title: {brief_title}
Sponsor: {lead_sponsor}
Organization: {organization}

Study Overview

Official Title: {official_title}
Status: {overall_status}
Status Verified Date: {status_verified_date}
Last Known Status: {last_known_status}
Delayed Posting: {delayed_posting}
If Stopped, Why?: {why_stopped}
Has Expanded Access: {has_expanded_access}
If Expanded Access, NCT#: {expanded_access_nct_id}
Has Expanded Access, NCT# Status: {expanded_access_status}
Acronym: {acronym}
Brief Summary: {brief_summary}
Detailed Description: {detailed_description}

Study Oversight

Has Oversight DMC: {oversight_has_dmc}
Is a FDA Regulated Drug?: {is_fda_regulated_drug}
Is a FDA Regulated Device?: {is_fda_regulated_device}
Is an Unapproved Device?: {is_unapproved_device}
Is a PPSD?: {is_ppsd}
Is a US Export?: {is_us_export}
Is an FDA AA801 Violation?: {fdaaa801_violation}
"""
_PAGE_NAMES = [part.partition("}")[0] for part in PAGE.split("{")[1:]]
_PAGE_DEFAULTS = {
    **dict.fromkeys(_PAGE_NAMES, "None"),
    "nct_id": NUMBER,
    "overall_status": "RECRUITING",
    "brief_title": "A made study",
    "delayed_posting": "No",
    "why_stopped": "Not Stopped",
    "expanded_access_nct_id": "N/A",
    "expanded_access_status": "N/A",
}


def a_study(**fields: Any) -> dict[str, Any]:
    """One study's tree as the API gives it, from fields by our names; None leaves a field out.

    `data_date` is the date of the release. Dates and enums may be given as such or as text.
    """
    tree: dict[str, Any] = {}
    for name, value in {"nct_id": NUMBER, "brief_title": "A made study", **fields}.items():
        if value is not None:
            _put(tree, _HOLDER if name == "data_date" else _path(name), _plain(value))
    return tree


def a_payload(**fields: Any) -> bytes:
    """The same tree as the bytes of its JSON."""
    return orjson.dumps(a_study(**fields))


def a_record(**fields: Any) -> Record:
    """The same tree read as a record."""
    return read_study(a_payload(**fields))


def a_page(**fields: Any) -> str:
    """A study page from the names in `PAGE`; a field not named has the page's word for nothing."""
    unknown = fields.keys() - _PAGE_DEFAULTS.keys()
    if unknown:
        raise TypeError(f"a page has no {', '.join(sorted(unknown))}")
    return PAGE.format_map({**_PAGE_DEFAULTS, **fields})


def _path(name: str) -> str:
    field = field_named(name)
    if field is None:
        raise TypeError(f"the catalogue has no field named {name}")
    return field.path


def _put(tree: dict[str, Any], path: str, value: Any) -> None:
    *above, last = path.split(".")
    for name in above:
        tree = tree.setdefault(name, {})
    tree[last] = value


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | PartialDate) else value
