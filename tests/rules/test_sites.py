"""Sites that come, go, or change their status."""

from ctmonitor.rules.several import MOST_PIECES
from tests.rules.made import headlines, told


def _site(facility, country="France", city="Lyon", **more):
    return {"facility": facility, "city": city, "country": country, **more}


def _sites(*sites, **more):
    return {"locations": [*sites], **more}


def test_headline_names_sites_and_countries():
    """Countries come by how many sites they gained; sites in the registry's order."""
    new = [_site("Beta", "Italy"), _site("Gamma"), _site("Delta")]
    said = headlines(_sites(_site("Alpha")), _sites(_site("Alpha"), *new))
    assert said == ["3 sites added in France, Italy: Beta, Gamma, Delta"]


def test_many_sites_are_counted_in_the_headline():
    """What does not fit is counted, sites and countries alike."""
    places = ["France", "Italy", "Norway", "Spain", "Japan"]
    new = [_site(f"University Hospital number {n}", places[n % 5]) for n in range(40)]
    [headline] = headlines(_sites(), _sites(*new))
    assert headline.startswith("40 sites added in France, Italy, Norway and 2 more countries: Univ")
    assert headline.endswith("… and 39 more") and len(headline) == 100


def test_evidence_is_bounded():
    """Of very many sites the first are named and the others counted."""
    [alert] = told(_sites(), _sites(*(_site(f"Hospital {n}") for n in range(MOST_PIECES + 7))))
    assert len(alert.evidence) == MOST_PIECES + 1
    assert alert.evidence[-1] == {"changes_not_shown": 7}


def test_evidence_says_the_place_in_words():
    """Name, city, country and status, without contacts or coordinates."""
    site = _site("Beta", status="RECRUITING", contacts=[{"name": "A"}], geoPoint={"lat": 1.0})
    [alert] = told(_sites(), _sites(site))
    assert alert.evidence[0]["after"] == "Beta, Lyon, France (RECRUITING)"


def test_a_country_left_is_named():
    """Where the registry says that a country has no site left, the headline does too."""
    before = _sites(_site("Alpha"), _site("Beta", "Italy"))
    after = _sites(_site("Alpha"), **{"misc_info.removed_countries": ["Italy"]})
    assert headlines(before, after) == ["1 site removed in Italy, none left in Italy: Beta"]


def test_a_site_without_a_name_is_named_by_its_city():
    """Some sites give no facility, and some nothing at all."""
    said = headlines(_sites(), _sites({"city": "Oslo", "country": "Norway"}, {"state": "Utah"}))
    assert said == ["2 sites added in Norway, no country: Oslo, a site without a name"]


def test_coordinates_are_noise():
    """A place that is located anew is the same place."""
    before, after = (
        _sites(_site("Alpha", geoPoint={"lat": lat, "lon": 1.0})) for lat in (1.0, 2.0)
    )
    assert told(before, after) == ()


def test_turns_of_status_are_counted():
    """The headline says how many sites turned to which status, and names the first."""
    names = ["Alpha", "Beta", "Gamma"]
    before = _sites(*(_site(name, status="RECRUITING") for name in names))
    turned = ["COMPLETED", "SUSPENDED", "COMPLETED"]
    after = _sites(*(_site(n, status=s) for n, s in zip(names, turned, strict=True)))
    [headline] = headlines(before, after)
    assert headline.startswith("3 sites changed status: 2 now COMPLETED, 1 now SUSPENDED: Alpha")


def test_a_single_turn_names_its_site():
    """One site is named with its place."""
    before, after = (_sites(_site("Alpha", status=s)) for s in ("NOT_YET_RECRUITING", "RECRUITING"))
    assert headlines(before, after) == ["1 site now RECRUITING: Alpha, Lyon, France"]
