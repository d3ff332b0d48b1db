"""What changed and changed back before anybody was told."""

from ctmonitor.alerts import Alert, Severity, folded


def _turned(before: str | None, after: str | None, **more: object) -> Alert:
    change = {"field": "overall_status", "item": None, "before": before, "after": after}
    named = {"rule": "status-changed", "nct_id": "NCT00000001", "severity": Severity.NORMAL, **more}
    return Alert(headline=f"Now {after}", basis=f"{before} {after}", evidence=(change,), **named)


def test_there_and_back_is_one_line():
    """It names every state, is as urgent as the worst change, and bears the evidence of each."""
    away = _turned("RECRUITING", "SUSPENDED", rule="stopped", severity=Severity.CRITICAL)
    back = _turned("SUSPENDED", "RECRUITING", rule="resumed")
    (line,) = folded([away, back])
    assert line.headline == "Changed and changed back: RECRUITING -> SUSPENDED -> RECRUITING"
    assert (line.rule, line.severity) == ("resumed", Severity.CRITICAL)
    assert line.evidence == away.evidence + back.evidence


def test_a_change_that_stays_is_told_as_it_is():
    """Two steps that end elsewhere are two alerts, and so are those of two studies or fields."""
    steps = (_turned("RECRUITING", "SUSPENDED"), _turned("SUSPENDED", "TERMINATED"))
    assert folded(steps) == steps
    others = (_turned("A", "B"), _turned("B", "A", nct_id="NCT00000002"))
    assert folded(others) == others


def test_a_gap_between_two_changes_is_no_way_back():
    """Where a step between them is not among the alerts, nobody can say that it came back."""
    steps = (_turned("A", "B"), _turned("C", "A"))
    assert folded(steps) == steps


def test_alerts_of_no_change_stay():
    """What rests on dates, or on nothing, is told as it is, in its order."""
    due = Alert("unknown-due", "NCT00000001", "Due", Severity.LOW, "b", ({"due_on": "2026-03-02"},))
    bare = Alert("mass-change", None, "Mass", Severity.LOW, "b")
    assert folded([due, _turned("A", "B"), bare]) == (due, _turned("A", "B"), bare)


def test_what_several_rules_tell_is_one_step():
    """A rule of one's own may tell of the same change; it came back all the same."""
    away, back = _turned("A", "B"), _turned("B", "A")
    own = [_turned("A", "B", rule="mine"), _turned("B", "A", rule="mine")]
    (line,) = folded([away, own[0], back, own[1]])
    assert line.headline == "Changed and changed back: A -> B -> A"
