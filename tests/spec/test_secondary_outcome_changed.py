"""secondary-outcome-changed: the other outcomes, told apart from the primary ones."""


def test_each_list_is_one_alert(history):
    """Primary and secondary outcomes that change in one look are one alert each."""
    told = history("""
        seen        overall_status  primary_outcomes  secondary_outcomes
        2026-01-05  RECRUITING      Pain (1 week)     Falls (1 week); Sleep (1 week)
        2026-02-02  RECRUITING      Pain (2 weeks)    Sleep (1 week)
    """)
    assert told == {"2026-02-02": ["primary-outcome-changed", "secondary-outcome-changed"]}


def test_another_description_is_told_and_another_look_of_it_is_not(history):
    """Other words in a description are told; the same words written otherwise are not."""
    told = history("""
        seen        overall_status  secondary_outcomes
        2026-01-05  COMPLETED       Sleep (1 week): hours a night
        2026-02-02  COMPLETED       Sleep (1 week): Hours a night.
        2026-03-02  COMPLETED       Sleep (1 week): as told by a diary
    """)
    assert told == {"2026-03-02": ["secondary-outcome-changed"]}
