"""Who may take part."""

import pytest

from tests.rules.made import headlines, told


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"minimum_age": "18 Years"}, {"minimum_age": "12 Years"}, "minimum age 12 Years, was 18"),
        ({"maximum_age": "65 Years"}, {}, "maximum age not given, was 65 Years"),
        ({"sex": "FEMALE"}, {"sex": "ALL"}, "sex ALL, was FEMALE"),
        (
            {"healthy_volunteers": False},
            {"healthy_volunteers": True},
            "healthy volunteers yes, was",
        ),
        ({"eligibility_criteria": "Adults."}, {"eligibility_criteria": "Women."}, "criteria rewor"),
        (
            {"eligibility_criteria": "BMI 30"},
            {"eligibility_criteria": "BMI 25"},
            "criteria changed",
        ),
        ({}, {"study_population": "Patients of one clinic"}, "study population added"),
    ],
)
def test_headline_says_what_changed(before, after, said):
    """Short fields with both values; of long texts, how they changed."""
    [headline] = headlines(before, after)
    assert headline.startswith(f"Eligibility: {said}")


def test_all_that_changed_is_one_alert():
    """Every field is evidence, those that are read at a glance first."""
    before = {"sex": "ALL", "eligibility_criteria": "Adults."}
    [alert] = told(before, {"sex": "MALE", "eligibility_criteria": "Men."})
    assert [piece["field"] for piece in alert.evidence] == ["sex", "eligibility_criteria"]


def test_groups_of_age_repeat_the_ages():
    """What the registry derives from the ages is not told beside them."""
    assert told({"std_ages": ["ADULT"]}, {"std_ages": ["ADULT", "OLDER_ADULT"]}) == ()


def test_very_long_criteria_are_cut():
    """A text that no mail should repeat is evidence only in its beginning."""
    [alert] = told({"eligibility_criteria": "a " * 9_000}, {"eligibility_criteria": "b " * 9_000})
    assert max(len(alert.evidence[0][side]) for side in ("before", "after")) == 10_000
