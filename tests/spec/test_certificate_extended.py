"""certificate-extended: a certified delay of results that ends."""


def test_the_end_of_a_certified_delay_is_foretold(history):
    """Sixty days ahead of three years after that date, in place of results-due."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since  disp_first_submit_date
        2024-02-02  COMPLETED       2023-03-02               2021-05      2024-02-01
        2026-01-01  COMPLETED       2023-03-02               2021-05      2024-02-01
        """,
        due=True,
    )
    assert told == {"2026-01-01": ["certificate-extended"]}


def test_without_a_certificate_nothing_is_extended(history):
    """Three years on, a study without a certificate has been late for two."""
    told = history(
        """
        seen        overall_status  primary_completion_date  fdaaa_since
        2026-01-01  COMPLETED       2023-03-02               2021-05
        """,
        due=True,
    )
    assert told == {"2026-01-01": ["results-overdue"]}
