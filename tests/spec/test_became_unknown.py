"""became-unknown: the registry's own turn to UNKNOWN."""


def test_a_flip_is_told_once(history):
    """A flip to UNKNOWN raises one alert, however often the record is swept."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date
        2023-06-29  RECRUITING      -                  2021-06
        2023-06-30  UNKNOWN         RECRUITING         2021-06
        2023-07-03  UNKNOWN         RECRUITING         2021-06
    """)
    assert told == {"2023-06-30": ["became-unknown"]}


def test_a_second_flip_is_told_again(history):
    """A study that was verified in between and lapses again is told again."""
    told = history("""
        seen        overall_status  last_known_status  status_verified_date  last_update_posted_date
        2021-06-29  RECRUITING      -                  2019-06               2019-06-12
        2021-06-30  UNKNOWN         RECRUITING         2019-06               2019-06-12
        2021-09-01  RECRUITING      -                  2021-08               2021-08-31
        2023-08-31  UNKNOWN         RECRUITING         2021-08               2021-08-31
    """)
    assert told == {
        "2021-06-30": ["became-unknown"],
        "2021-09-01": ["left-unknown"],
        "2023-08-31": ["became-unknown"],
    }


def test_an_unverified_study_that_stays_open_is_not_told(history):
    """Nothing is told while the registry still shows the sponsor's own status."""
    told = history("""
        seen        overall_status  status_verified_date  completion_date
        2023-06-29  RECRUITING      2021-06               2024-12
        2023-07-03  RECRUITING      2021-06               2024-12
    """)
    assert told == {}
