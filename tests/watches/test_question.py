"""Questions to the registry: what an address or a few words ask, in the API's parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctmonitor.errors import CommandWrong
from ctmonitor.watches import Question
from ctmonitor.watches.question.parameters import LABELS, LONGEST

SEARCH = "https://clinicaltrials.gov/search?"
API = "https://clinicaltrials.gov/api/v2/studies?"
OLD = "https://clinicaltrials.gov/ct2/results?"
ADVANCED = "filter.advanced"

SITE = [
    ("cond=Hay%20Fever", {"query.cond": "Hay Fever"}),
    ("cond=hay+fever&term=&intr=&aggFilters=", {"query.cond": "hay fever"}),
    (
        "term=pollen&intr=drops&titles=HAY&outc=sneezes",
        {
            "query.term": "pollen",
            "query.intr": "drops",
            "query.titles": "HAY",
            "query.outc": "sneezes",
        },
    ),
    (
        "spons=Acme&lead=Acme%20Pharma&id=AC-1&patient=I%20sneeze",
        {
            "query.spons": "Acme",
            "query.lead": "Acme Pharma",
            "query.id": "AC-1",
            "query.patient": "I sneeze",
        },
    ),
    (
        "cond=x&viewType=Table&limit=100&page=2&rank=3&sort=@relevance&tab=table&utm_source=mail",
        {"query.cond": "x"},
    ),
    ("aggFilters=status:rec%20com,phase:3%202", {"aggFilters": "phase:2 3,status:com rec"}),
    ("aggFilters=phase:NA|sex:f&distance=50", {"aggFilters": "phase:NA,sex:f"}),
    ("aggFilters=newfacet:any", {"aggFilters": "newfacet:any"}),
    (
        "start=2020-01-01_2021-12-31",
        {ADVANCED: "AREA[StartDate]RANGE[2020-01-01,2021-12-31]"},
    ),
    ("primComp=2020-01-01_", {ADVANCED: "AREA[PrimaryCompletionDate]RANGE[2020-01-01,MAX]"}),
    ("studyComp=_2021-12", {ADVANCED: "AREA[CompletionDate]RANGE[MIN,2021-12]"}),
    ("firstPost=2020_2021", {ADVANCED: "AREA[StudyFirstPostDate]RANGE[2020,2021]"}),
    (
        "resFirstPost=2020-01-01_&lastUpdPost=_2021-12-31",
        {
            ADVANCED: "AREA[ResultsFirstPostDate]RANGE[2020-01-01,MAX] AND "
            "AREA[LastUpdatePostDate]RANGE[MIN,2021-12-31]"
        },
    ),
    (
        "locStr=Chile&country=Chile&distance=50",
        {ADVANCED: 'AREA[LocationCountry]"Chile"'},
    ),
    (
        "country=Norway&state=Troms&city=Troms%C3%B8&locStr=Troms%C3%B8,%20Norway",
        {
            ADVANCED: 'SEARCH[Location](AREA[LocationCountry]"Norway" AND '
            'AREA[LocationState]"Troms" AND AREA[LocationCity]"Tromsø")'
        },
    ),
    (
        "country=Germany&state=Bremen&city=Bremen",
        {
            ADVANCED: 'SEARCH[Location](AREA[LocationCountry]"Germany" AND '
            'AREA[LocationCity]"Bremen")'
        },
    ),
    ("locn=North%20OR%20South", {ADVANCED: "AREA[LocationFacility](North OR South)"}),
    ('city=a"b', {ADVANCED: 'AREA[LocationCity]"a b"'}),
    (
        "lat=42.5&lng=-71.25&distance=50&locStr=Here&city=Here&country=There",
        {"filter.geo": "distance(42.5,-71.25,50mi)"},
    ),
    ("lat=1&lng=2&distance=80km", {"filter.geo": "distance(1,2,80km)"}),
]
API_ASKS = [
    ("query.cond=x&pageSize=5&countTotal=true&fields=NCTId", {"query.cond": "x"}),
    (
        "query.locn=Bonn&filter.overallStatus=RECRUITING|COMPLETED&sort=StartDate&geoDecay=x",
        {"query.locn": "Bonn", "filter.overallStatus": "COMPLETED,RECRUITING"},
    ),
    ("postFilter.ids=nct00000002,NCT00000001", {"filter.ids": "NCT00000001,NCT00000002"}),
    (
        "filter.advanced=A%20OR%20B&postFilter.advanced=C",
        {ADVANCED: "(A OR B) AND (C)"},
    ),
    ("filter.geo=distance(1.5,-2,30 km)", {"filter.geo": "distance(1.5,-2,30km)"}),
    ("filter.synonyms=ConditionSearch:2,A:1", {"filter.synonyms": "A:1,ConditionSearch:2"}),
]
OLD_ASKS = [
    (
        "cond=x&term=&cntry=&recrs=eb&rslt=With&age=0&phase=4&Search=Search",
        {"query.cond": "x", "aggFilters": "ages:child,phase:0,results:with,status:com not"},
    ),
    (
        "recrs=a&recrs=d&type=Obsr&gndr=Female&hlth=Y&fund=02&u_sap=Y&f801=Yes",
        {
            "aggFilters": "docs:sap,funderType:industry nih,healthy:y,sex:f,status:act rec,"
            "studyType:obs,violation:y"
        },
    ),
    ("recr=Open&spons=Acme", {"query.spons": "Acme", "aggFilters": "status:ava not rec"}),
    (
        "strd_s=01%2F31%2F2015&strd_e=12%2F01%2F2016&lupd_e=02%2F03%2F2020",
        {
            ADVANCED: "AREA[StartDate]RANGE[2015-01-31,2016-12-01] AND "
            "AREA[LastUpdatePostDate]RANGE[MIN,2020-02-03]"
        },
    ),
]
WHOLE = [
    ("clinicaltrials.gov/search?cond=x", {"query.cond": "x"}),
    ("http://www.clinicaltrials.gov/search/?cond=x#top", {"query.cond": "x"}),
    (" https://clinicaltrials.gov/expert-search?term=a%20OR%20b ", {"query.term": "a OR b"}),
    ("https://clinicaltrials.gov/api/rss?cond=x&dateField=LastUpdatePostDate", {"query.cond": "x"}),
    ("https://clinicaltrials.gov/study/NCT00000001", {"filter.ids": "NCT00000001"}),
    (
        "https://clinicaltrials.gov/study/nct00000001?cond=x&rank=2&tab=history",
        {"filter.ids": "NCT00000001"},
    ),
    ("https://clinicaltrials.gov/ct2/show/record/NCT00000001", {"filter.ids": "NCT00000001"}),
    ("https://clinicaltrials.gov/api/v2/studies/NCT00000001", {"filter.ids": "NCT00000001"}),
    ("https://classic.clinicaltrials.gov/ct2/results?term=x", {"query.term": "x"}),
]
ADDRESSES = [
    *((SEARCH + query, asked) for query, asked in SITE),
    *((API + query, asked) for query, asked in API_ASKS),
    *((OLD + query, asked) for query, asked in OLD_ASKS),
    *WHOLE,
]


@pytest.mark.parametrize(("url", "asked"), ADDRESSES)
def test_an_address_asks_what_its_page_shows(url: str, asked: dict[str, str]) -> None:
    """The parameters of the API that choose the same studies, and no others."""
    assert Question.from_url(url).plain() == asked


@pytest.mark.parametrize(
    ("url", "named"),
    [
        (SEARCH + "cond=x&colour=red", "'colour'"),
        (SEARCH + "ageRange=18y_64y", "'ageRange'"),
        (SEARCH + "query.cond=x", "'query.cond'"),
        (SEARCH + "cond=x&cond=y", "cond stands in the URL twice"),
        (SEARCH + "start=2020-01-01", "start="),
        (SEARCH + "start=_", "start="),
        (SEARCH + "start=2020-02-30_", "start="),
        (SEARCH + "start=01/02/2020_", "start="),
        (SEARCH + "start=2021-01-01_2020-01-01", "before it begins"),
        (SEARCH + "aggFilters=status:recruiting", "'recruiting'"),
        (SEARCH + "aggFilters=phase:na", "'na'"),
        (SEARCH + "aggFilters=status", "'status'"),
        (SEARCH + "aggFilters=phase:1,phase:2", "phase stands there twice"),
        (SEARCH + "locStr=Bonn", "'locStr'"),
        (SEARCH + "city=Bonn&distance=50", "'distance'"),
        (SEARCH + "lat=1&lng=2", "only together"),
        (SEARCH + "lat=a&lng=b&distance=5", "filter.geo"),
        (SEARCH + "locn=a)%20OR%20(b", "locn"),
        (SEARCH + "cond=(a", "do not match"),
        (SEARCH + "cond=%22a", "do not match"),
        (SEARCH + "cond=a%1B%5B2J", "cannot be seen"),
        (SEARCH + "cond=%FF", "cannot be read"),
        (SEARCH + "id=NCT00000001&aggFilters=phase:2", "ignores aggFilters"),
        (SEARCH + "cond=", "every study"),
        (API + "query.colour=red", "'query.colour'"),
        (API + "colour=red", "'colour'"),
        (API + "filter.ids=NCT1", "'NCT1'"),
        (API + "filter.geo=near(1,2)", "filter.geo"),
        (API + "filter.ids=NCT00000001&postFilter.ids=NCT00000002", "filter.ids is asked twice"),
        (OLD + "cond=x&cntry=US", "'cntry'"),
        (OLD + "recrs=z", "'recrs'"),
        (OLD + "strd_s=2015-01-31", "'strd_s'"),
        ("https://clinicaltrials.gov/about?cond=x", "no search"),
        ("https://clinicaltrials.gov.evil.example/search?cond=x", "no address"),
        ("https://clinicaltrials.gov@evil.example/search?cond=x", "no address"),
        ("file://clinicaltrials.gov/search?cond=x", "no address"),
        ("https://[::1/search?cond=x", "no address"),
        ("", "no address"),
        (SEARCH + "cond=" + "x" * 20_000, "longer than"),
        (SEARCH + "cond=" + "x" * (LONGEST + 1), "longer than a request"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(url: str, named: str) -> None:
    """Nothing that chooses is left out in silence: other studies would be watched."""
    with pytest.raises(CommandWrong) as refused:
        Question.from_url(url)
    assert named in str(refused.value)
    assert str(refused.value).isprintable()


def test_one_question_has_one_form() -> None:
    """However its parameters, statuses and options were ordered."""
    one = Question.from_url(SEARCH + "cond=x&aggFilters=status:rec%20com,phase:1")
    other = Question.from_url(SEARCH + "aggFilters=phase:1,status:com%20rec%20com&cond=%20x")
    assert one == other
    assert Question.from_plain(one.plain()) == one


def test_an_expression_is_asked_of_all_words() -> None:
    """It is the registry's own language; only white space is tidied."""
    asked = Question.from_expression(' AREA[Phase]PHASE3\n AND "hay fever" ').plain()
    assert asked == {"query.term": 'AREA[Phase]PHASE3 AND "hay fever"'}


def test_sponsor_and_condition_are_asked_as_the_site_asks_them() -> None:
    """Both at once; the sponsor may be the lead or a collaborator."""
    asked = Question.of(sponsor="Acme (Bonn)", condition="hay fever").plain()
    assert asked == {"query.spons": "Acme (Bonn)", "query.cond": "hay fever"}


def test_two_questions_together_ask_for_what_answers_both() -> None:
    """An OR in one of them does not swallow the other."""
    one = Question.from_plain({"query.cond": "a OR b", "aggFilters": "phase:2"})
    other = Question.from_plain({"query.cond": "c OR d", "query.spons": "Acme"})
    assert one.narrowed(other).plain() == {
        "query.cond": "(a OR b) AND (c OR d)",
        "query.spons": "Acme",
        "aggFilters": "phase:2",
    }
    assert one.narrowed(one) == one


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            {"filter.overallStatus": "RECRUITING,NOT_YET_RECRUITING", "query.cond": "lung cancer"},
            "condition: lung cancer; status: not yet recruiting or recruiting",
        ),
        ({"aggFilters": "phase:2 3,docs:prot"}, "documents: protocol; phase: 2 or 3"),
        ({"aggFilters": "newfacet:any"}, "newfacet: any"),
        ({"filter.geo": "distance(42.5,-71.25,50mi)"}, "within 50mi of 42.5,-71.25"),
        ({"filter.ids": "NCT00000001,NCT00000002"}, "studies: NCT00000001, NCT00000002"),
        (
            {"filter.advanced": "AREA[StartDate]RANGE[2020,MAX]"},
            "where: AREA[StartDate]RANGE[2020,MAX]",
        ),
        ({"query.spons": "Acme"}, "sponsor or collaborator: Acme"),
    ],
)
def test_a_question_is_said_in_one_line(asked: dict[str, str], said: str) -> None:
    """In words for people where there are words, else as the registry reads it."""
    assert Question.from_plain(asked).said == said


def test_a_question_is_not_made_past_its_checks() -> None:
    """One that exists is right."""
    with pytest.raises(ValueError, match="made by its readers"):
        Question((("query.term", "b"), ("query.cond", "a")))


@given(st.dictionaries(st.sampled_from([*LABELS, "fields"]), st.text(max_size=40), max_size=5))
def test_whatever_is_asked_is_canonical_or_refused(asked: dict[str, str]) -> None:
    """What was read once reads the same again, and its words are one line."""
    try:
        question = Question.from_plain(asked)
    except CommandWrong as refused:
        assert str(refused)
        return
    assert Question.from_plain(question.plain()) == question
    assert question.said.isprintable()


@given(st.text(max_size=80))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    """No address ends in a crash."""
    for url in (text, SEARCH + text, API + text, OLD + text, SEARCH + "aggFilters=" + text):
        try:
            assert Question.from_url(url).asked
        except CommandWrong as refused:
            assert str(refused)
