"""Outcomes that change after the start."""

import pytest

from tests.rules.made import told

BASE = {"overall_status": "RECRUITING"}
SURVIVAL = {"measure": "Overall survival", "timeFrame": "2 years", "description": "From day 1."}
PAIN = {"measure": "Pain", "timeFrame": "1 week"}


def _told(before, after, listed="primary_outcomes", **more):
    base = {**BASE, **more}
    return told({**base, listed: before}, {**base, listed: after})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measure": "Overall survival rate"}, "1 reworded"),
        ({"description": "From randomization."}, "1 reworded"),
        ({"timeFrame": "3 years"}, "1 time frame changed"),
        ({"timeFrame": "3 years", "measure": "Survival, overall"}, "1 reworded"),
        ({"timeFrame": "3 years", "measure": "OVERALL survival"}, "1 time frame changed"),
        ({"measure": "Hospital days per patient"}, "1 replaced"),
    ],
)
def test_each_outcome_is_classed(change, said):
    """What changed of one outcome decides its class; what only looks otherwise does not count."""
    [alert] = _told([SURVIVAL, PAIN], [{**SURVIVAL, **change}, PAIN])
    assert alert.headline == f"Primary outcomes: {said}"


def test_headline_counts_the_classes():
    """Added, dropped and re-timed outcomes are counted in one headline."""
    new = [{"measure": "Falls"}, {"measure": "Hospital days"}, {**SURVIVAL, "timeFrame": "3 years"}]
    [alert] = _told([SURVIVAL, PAIN], new)
    assert alert.headline == "Primary outcomes: 2 added, 1 dropped, 1 time frame changed"


def test_evidence_bears_every_change_with_its_class():
    """Cosmetic changes stand last, after those that are told, and how the study stood."""
    after = [{**SURVIVAL, "timeFrame": "3 years"}, {**PAIN, "measure": "PAIN"}]
    [alert] = _told([SURVIVAL, PAIN], after)
    assert [piece.get("class") for piece in alert.evidence] == ["time frame only", "cosmetic", None]
    assert alert.evidence[-1] == {"overall_status_before": "RECRUITING"}


def test_outcomes_of_one_name_are_told_apart():
    """Two outcomes that bear one measure and are both re-timed are two."""
    twins = [{"measure": "Pain", "timeFrame": day} for day in ("day 1", "day 2")]
    later = [{"measure": "Pain", "timeFrame": day} for day in ("day 8", "day 9")]
    [alert] = _told(twins, later)
    assert alert.headline == "Primary outcomes: 2 time frames changed"


def test_the_registrys_own_change_is_told_as_such():
    """Without an update, the headline says that the registry did it."""
    [alert] = _told([PAIN], [SURVIVAL], last_update_posted_date="2025-06-02")
    assert alert.headline.endswith("1 added, 1 dropped (by the registry itself)")


def test_outcomes_of_the_results_are_not_meant():
    """What the results section lists as outcomes is no plan."""
    measures = [[{"title": "Pain", "type": "PRIMARY"}], [{"title": "Falls", "type": "PRIMARY"}]]
    before, after = ({**BASE, "outcome_measures": one} for one in measures)
    assert told(before, after) == ()


@pytest.mark.parametrize("status", ["NOT_YET_RECRUITING", "WITHDRAWN"])
def test_before_the_start_nothing_is_told(status):
    """A study that did not start, or never will, may still change its plan."""
    assert _told([PAIN], [SURVIVAL], overall_status=status) == ()


def test_a_lapsed_study_is_as_it_was_last_known():
    """Behind UNKNOWN the sponsor's own status counts."""
    lapsed = {"overall_status": "UNKNOWN", "last_known_status": "NOT_YET_RECRUITING"}
    assert _told([PAIN], [SURVIVAL], **lapsed) == ()
    assert _told([PAIN], [SURVIVAL], **{**lapsed, "last_known_status": "RECRUITING"})
