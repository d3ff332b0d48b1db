"""record-revealed: a withheld record comes to light."""


def test_a_withheld_record_that_fills_up_is_told_once(history):
    """The unveiling is one alert, however many fields fill up."""
    told = history("""
        seen        overall_status  enrollment  enrollment_type  completion_date  has_results
        2026-01-05  WITHHELD        -           -                -                -
        2026-02-02  RECRUITING      40          ESTIMATED        2027-05          true
        2026-03-02  RECRUITING      50          ESTIMATED        2027-05          true
    """)
    assert told == {"2026-02-02": ["record-revealed"], "2026-03-02": ["enrollment-changed"]}


def test_a_record_revealed_as_stopped_is_told_as_revealed(history):
    """Whatever its status, a record shown for the first time did not change its course."""
    told = history("""
        seen        overall_status  why_stopped
        2026-01-05  WITHHELD        -
        2026-02-02  TERMINATED      No supply.
    """)
    assert told == {"2026-02-02": ["record-revealed"]}


def test_a_record_withheld_again_is_told_again(history):
    """Two unveilings are two facts."""
    told = history("""
        seen        overall_status
        2026-01-05  WITHHELD
        2026-02-02  RECRUITING
        2026-03-02  WITHHELD
        2026-04-01  RECRUITING
    """)
    assert told == {
        "2026-02-02": ["record-revealed"],
        "2026-03-02": ["status-changed"],
        "2026-04-01": ["record-revealed"],
    }
