"""The text of a study page."""

from pathlib import Path

import pytest

from ctmonitor.errors import RecordRejected
from ctmonitor.formats import is_page, read_page
from ctmonitor.records import OverallStatus, PartialDate, Record
from tests.builders import NUMBER, a_page, a_record

SEED = Path(__file__).parents[2] / "../shared/ctgov/study-page-NCT04946669.txt"


def read(text: str) -> Record:
    return read_page(text.encode())


def summary_of(record: Record) -> str | None:
    return record.content["protocolSection"].get("descriptionModule", {}).get("briefSummary")


def description_of(record: Record) -> str | None:
    return record.content["protocolSection"].get("descriptionModule", {}).get("detailedDescription")


def refusal(page: str | bytes) -> RecordRejected:
    with pytest.raises(RecordRejected) as caught:
        read_page(page.encode() if isinstance(page, str) else page)
    return caught.value


def test_a_page_gives_the_tree_that_the_api_gives():
    """A page and the API's JSON with the same fields have the same fingerprint."""
    fields = {
        "overall_status": "UNKNOWN",
        "last_known_status": "RECRUITING",
        "status_verified_date": "2021-06",
        "last_update_posted_date": "2021-07-01",
        "official_title": "A longer title",
        "lead_sponsor": "A sponsor",
        "brief_summary": "One.\n\nTwo.",
        "why_stopped": "No money",
    }
    page = a_page(**fields, is_us_export="False", delayed_posting="Yes")
    api = a_record(**fields, is_us_export=False, delayed_posting=True)
    assert read(page).fingerprint == api.fingerprint


def test_a_whole_page_covers_every_label_of_the_registry():
    """A placeholder says that there is nothing: it is covered and left out."""
    record = read(a_page())
    assert len(record.coverage) == 25
    assert {"why_stopped", "acronym", "fdaaa801_violation"} <= record.coverage
    assert "whyStopped" not in record.content["protocolSection"]["statusModule"]


def test_an_empty_label_is_not_covered():
    """Nobody can tell what an empty label means."""
    record = read(a_page(organization=""))
    assert "organization.full_name" not in record.coverage


def test_a_posting_that_is_not_delayed_is_left_out():
    """The API never sends false there, but the page has said it."""
    record = read(a_page(delayed_posting="No"))
    assert "delayed_posting" in record.coverage
    assert "delayedPosting" not in record.content["protocolSection"]["statusModule"]


def test_a_page_has_no_data_date_and_no_date_types():
    """The mirror's clock is not the registry's, and a post date comes without its type."""
    record = read(a_page(last_update_posted_date="2021-07-01"))
    assert record.facts.data_date is None
    assert "last_update_posted_date_type" not in record.coverage
    assert b"2020-01-0" not in record.canonical


@pytest.mark.parametrize("line", ["Is NOT Gene Therapy: True\n", "Has Adverse Events: False\n"])
def test_an_older_page_lacks_lines_of_the_mirror(line):
    """The older form gives the same record."""
    older = a_page().replace("Ignite Modification", "Last Modification").replace(line, "")
    assert read(older) == read(a_page())


CUTS = ("\nIs a US Export?", "\nStudy Oversight", "\nAcronym", "\nStatus Verified", "\nBrief Title")


@pytest.mark.parametrize("label", CUTS)
def test_a_cut_page_covers_only_what_stands_before_the_cut(label):
    """What a cut page does not say is neither covered nor in the content."""
    page = a_page(detailed_description="Long text.", status_verified_date="2021-06")
    whole, cut = read(page), read(page[: page.index(label)])
    assert cut.coverage < whole.coverage
    assert cut.nct_id == NUMBER


def test_every_cut_gives_nothing_false():
    """Wherever a page is cut, what it then covers is what the whole page says there."""
    fields = {"acronym": "ABC", "brief_summary": "a b\nc", "detailed_description": "d e"}
    page = a_page(**fields, status_verified_date="2021-06-05", is_us_export="True")
    whole = read(page).content["protocolSection"]
    for end in range(page.index("Status:"), len(page)):
        cut = read(page[:end])
        for name, module in cut.content["protocolSection"].items():
            assert module.items() <= whole[name].items(), page[:end][-30:]


@pytest.mark.parametrize(
    "text",
    [
        "Status: recruiting volunteers",
        "Acronym: this one has none",
        "Study Oversight",
        "Study Oversight\nHas Oversight DMC: it meets monthly",
        "Study Overview\n\nStatus: RECRUITING",
        "Brief Summary: see above",
        "Is an FDA AA801 Violation?: no",
        "Anything: unknown labels too",
        "Viewing Study NCT00000009 of the same sponsor",
    ],
)
@pytest.mark.parametrize("field", ["brief_summary", "detailed_description", "why_stopped"])
def test_prose_that_looks_like_a_label_stays_prose(field, text):
    """A label counts only where the order of the page allows it."""
    prose = f"First.\n\n{text}\nLast."
    record = read(a_page(**{field: prose}, is_us_export="False", acronym="ABC"))
    want = a_record(
        **{field: prose}, overall_status="RECRUITING", is_us_export=False, acronym="ABC"
    )
    assert record.content == want.content


def test_of_two_equal_labels_in_prose_the_later_counts():
    """A summary that speaks of the description does not end there."""
    page = a_page(brief_summary="One.\nDetailed Description: below.", detailed_description="Two.")
    assert summary_of(read(page)) == "One.\nDetailed Description: below."
    assert description_of(read(page)) == "Two."


def test_a_page_without_an_acronym_keeps_its_summary():
    """A label that the page lacks is not taken from the prose behind it."""
    page = a_page(brief_summary="One.\nAcronym: two.\nThree.").replace("Acronym: None\n", "")
    record = read(page)
    assert summary_of(record) == "One.\nAcronym: two.\nThree."
    assert "acronym" not in record.coverage


def test_text_behind_the_end_stays_out():
    """The last label's value is its own line; what follows is nobody's."""
    record = read(a_page(fdaaa801_violation="False") + "\nMore studies\nStatus: COMPLETED\n")
    assert record == read(a_page(fdaaa801_violation="False"))


def test_an_unknown_label_in_the_header_or_the_oversight_is_passed_over():
    """What the mirror may add outside prose changes nothing."""
    page = a_page(lead_sponsor="A sponsor")
    more = page.replace("\nSponsor:", "\nFunder: X\nSponsor:").replace(
        "\nIs a PPSD", "\nNew: 1\nIs a PPSD"
    )
    assert read(more) == read(page)


def test_a_short_text_may_run_on():
    """A sponsor's name broken over two lines is one name."""
    assert read(a_page(lead_sponsor="One\nTwo")).facts.lead_sponsor == "One Two"


@pytest.mark.parametrize("cut", ["A title th...", "A title th…"])
def test_a_title_that_is_cut_is_not_covered(cut):
    """A shortened title must not look like a new one."""
    record = read(a_page(brief_title=cut))
    assert "brief_title" not in record.coverage
    assert record.facts.brief_title is None


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_and_marks_do_not_matter(end):
    """CRLF, CR and a byte order mark give the same record."""
    page = a_page(brief_summary="One.\n\nTwo: \u00e9\u00a0\u4e2d\U0001f600.")
    assert read("\ufeff" + page.replace("\n", end)) == read(page)


def test_labels_may_be_spaced_but_not_respelled():
    """Spaces around a label are nothing; another case is another word."""
    spaced = a_page().replace("Status: REC", "  Status\u00a0 :\u00a0 REC")
    assert read(spaced) == read(a_page())
    assert read(a_page().replace("Status: REC", "status: REC")).facts.overall_status is None


def test_the_number_may_stand_in_one_place_only():
    """The heading or the label is enough."""
    assert read(a_page().replace(f"Viewing Study {NUMBER}", "")).nct_id == NUMBER
    assert read(a_page().replace(f"Study NCT ID: {NUMBER}\n", "")).nct_id == NUMBER


REFUSED = {
    "disagree": (a_page().replace(f"ID: {NUMBER}", "ID: NCT00000002"), "Study NCT ID"),
    "no number": (a_page().replace(NUMBER, ""), "Study NCT ID"),
    "wrong number": (a_page(nct_id="NCT123"), "Viewing Study"),
    "status word": (a_page(overall_status="Recruiting"), "Status"),
    "two statuses": (a_page().replace("Status: REC", "Status: COMPLETED\nX: REC", 1), "Status"),
    "date": (a_page(status_verified_date="2021-13"), "Status Verified Date"),
    "truth": (a_page(is_ppsd="maybe"), "Is a PPSD?"),
    "other number": (a_page(expanded_access_nct_id="NCT1"), "If Expanded Access, NCT#"),
    "NUL": (a_page(acronym="A\0B"), "the page"),
    "a heading alone": (f"Viewing Study {NUMBER}\n\nNot found", "the page"),
    "two pages": (a_page() + a_page(), "the page"),
    "UTF-16": (a_page().encode("utf-16"), "the page"),
    "Latin-1": (a_page(acronym="\u00e9").encode("latin-1"), "the page"),
    "too long": (a_page(brief_summary="x" * 1_000_000), "the page"),
}


@pytest.mark.parametrize(("page", "where"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_names_the_label(page, where):
    """What cannot be right is refused, with the label and a reason."""
    problem = refusal(page)
    assert problem.where == where
    assert problem.why


def test_a_page_is_known_by_its_beginning():
    """White space and a byte order mark may come first; other text may not."""
    assert is_page(b"\xef\xbb\xbf\r\n  " + a_page().encode())
    assert is_page(b"Study NCT ID : NCT00000001")
    assert not is_page(b"About: " + a_page().encode())


@pytest.mark.skipif(not SEED.exists(), reason="the real page is not here")
def test_the_real_page_is_read():
    """A page as it was found, cut behind its last label."""
    record = read_page(SEED.read_bytes())
    assert record.facts.overall_status is OverallStatus.UNKNOWN
    assert record.facts.last_known_status is OverallStatus.RECRUITING
    assert record.facts.status_verified_date == PartialDate(2021, 6)
    assert not {"organization.full_name", "fdaaa801_violation"} & record.coverage
