"""eu-results-overdue: a summary of results that EU law probably asks for."""


def test_a_year_after_the_end_a_summary_is_late(history):
    """The day after one year has passed since the completion date of a trial with an EU number."""
    told = history(
        """
        seen        overall_status  completion_date  study_type      secondary_id_infos
        2026-03-02  COMPLETED       2025-03-02       INTERVENTIONAL  EUDRACT_NUMBER
        2026-03-03  COMPLETED       2025-03-02       INTERVENTIONAL  EUDRACT_NUMBER
        """,
        due=True,
    )
    assert told == {"2026-03-03": ["eu-results-overdue"]}


def test_a_trial_without_an_eu_number_is_left_alone(history):
    """Another registry's number, or an observational study, is none of it."""
    told = history(
        """
        seen        overall_status  completion_date  study_type      secondary_id_infos
        2026-03-03  COMPLETED       2025-03-02       INTERVENTIONAL  REGISTRY
        2026-03-04  COMPLETED       2025-03-02       OBSERVATIONAL   CTIS
        """,
        due=True,
    )
    assert told == {}
