"""primary-outcome-changed: what a study set out to show, changed once it was under way."""


def test_one_alert_counts_what_was_done(history):
    """Outcomes added, dropped and re-timed in one look are one alert."""
    told = history("""
        seen        overall_status  primary_outcomes
        2026-01-05  RECRUITING      Overall survival (2 years); Pain (1 week)
        2026-02-02  RECRUITING      Overall survival (3 years); Walking distance (1 week); Falls
        2026-02-03  RECRUITING      Overall survival (3 years); Walking distance (1 week); Falls
    """)
    assert told == {"2026-02-02": ["primary-outcome-changed"]}


def test_looks_and_order_are_not_told(history):
    """Case, punctuation, white space and the order of the list say nothing."""
    told = history("""
        seen        overall_status  primary_outcomes
        2026-01-05  RECRUITING      Overall survival (2 years); Pain (1 week)
        2026-02-02  RECRUITING      Pain (1 Week.); Overall Survival (2  years)
    """)
    assert told == {}


def test_before_the_start_outcomes_are_still_a_plan(history):
    """Nothing is told before the study starts; a planned start that passed is no start."""
    told = history("""
        seen        overall_status      start_date  start_date_type  primary_outcomes
        2026-01-05  NOT_YET_RECRUITING  2026-03     ESTIMATED        Pain (1 week)
        2026-02-02  NOT_YET_RECRUITING  2026-03     ESTIMATED        Pain (2 weeks)
        2026-04-06  NOT_YET_RECRUITING  2026-03     ESTIMATED        Pain (2 weeks)
        2026-04-07  NOT_YET_RECRUITING  2026-03     ESTIMATED        Pain (3 weeks)
    """)
    assert told == {}


def test_an_actual_start_counts_whatever_the_status(history):
    """Where the record gave an actual start, a change is told though the status is not open yet."""
    told = history("""
        seen        overall_status      start_date  start_date_type  primary_outcomes
        2026-01-05  NOT_YET_RECRUITING  2026-01-02  ACTUAL           Pain (1 week)
        2026-02-02  NOT_YET_RECRUITING  2026-01-02  ACTUAL           Pain (2 weeks)
    """)
    assert told == {"2026-02-02": ["primary-outcome-changed"]}


def test_a_change_at_the_end_is_told_beside_the_end(history):
    """Outcomes that change when the study ends are told; the end does not excuse them."""
    told = history("""
        seen        overall_status  primary_outcomes
        2026-01-05  RECRUITING      Overall survival (2 years)
        2026-02-02  COMPLETED       Response rate (6 months)
    """)
    assert told == {"2026-02-02": ["completed", "primary-outcome-changed"]}
