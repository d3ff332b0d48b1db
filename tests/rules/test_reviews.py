"""Results on their way through the registry's review."""

import pytest

from tests.rules.made import told

SENT = {"type": "RELEASE", "date": "2026-01-23"}
RETURNED = {"type": "RESET", "date": "2026-02-09"}
TAKEN_BACK = {"type": "UNRELEASE", "dateUnknown": True}
EVENTS, INFOS = "unposted_events", "submission_infos"


def _said(before, after):
    return [(alert.rule, alert.headline) for alert in told(before, after)]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (SENT, ("results-submitted", "Results sent to the registry on 2026-01-23, under review")),
        (
            RETURNED,
            ("results-returned", "Results returned to the sponsor on 2026-02-09 after review"),
        ),
        (TAKEN_BACK, ("results-withdrawn", "Results taken back by the sponsor")),
    ],
)
def test_each_turn_is_told_by_its_rule(entry, said):
    """With its day, where the registry knows it."""
    assert _said({}, {EVENTS: [entry]}) == [said]


def test_the_latest_of_many_is_told():
    """Turns that are seen together are one alert, which counts the earlier ones."""
    [(rule, headline)] = _said({}, {EVENTS: [SENT, TAKEN_BACK, SENT, RETURNED]})
    assert (rule, headline[-22:]) == ("results-returned", "; with 3 earlier turns")


def test_the_tracking_puts_its_turns_in_order():
    """Of two submissions, the later one's turn is the latest, though its day is not known."""
    infos = [
        {"releaseDate": "2025-01-23", "resetDate": "2026-02-09"},
        {"releaseDate": "2026-01-23", "unreleaseDateUnknown": True},
    ]
    assert [rule for rule, _ in _said({}, {INFOS: infos})] == ["results-withdrawn"]


def test_results_posted_with_comments_are_results_too():
    """A submission posted in spite of major comments counts as every other one."""
    infos = [{"releaseDate": "2026-01-23", "mcpReleaseN": 1}]
    assert [rule for rule, _ in _said({}, {INFOS: infos})] == ["results-submitted"]


def test_a_day_that_becomes_known_is_no_new_turn():
    """The tracking may name the day of what it told without one."""
    before = {INFOS: [{"releaseDate": "2026-01-23", "unreleaseDateUnknown": True}]}
    after = {INFOS: [{"releaseDate": "2026-01-23", "unreleaseDate": "2026-02-09"}]}
    assert told(before, after) == ()


def test_words_the_registry_may_add_are_no_turn_of_ours():
    """A type that nobody knows is told by none of the rules, and breaks none."""
    assert told({}, {EVENTS: [{"type": "PAUSE", "date": "2026-02-09"}]}) == ()


def test_every_change_is_evidence():
    """What both places say is borne, and the turn that is told."""
    [alert] = told({}, {EVENTS: [SENT], INFOS: [{"releaseDate": "2026-01-23"}]})
    assert alert.evidence[-1] == {"turn": "RELEASE", "day": "2026-01-23", "turns_now_shown": 1}
    assert len(alert.evidence) == 3


def test_results_that_go_are_told_with_their_day():
    """When they were first posted is said, and is evidence."""
    before = {"has_results": True, "results_first_posted_date": "2025-06-02"}
    assert _said(before, {"has_results": False}) == [
        ("results-disappeared", "Results no longer shown, first posted 2025-06-02")
    ]
