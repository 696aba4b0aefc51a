"""What was saved: from distances and people, with every assumption told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.savings import Assumptions, Location, Saved, Visit, distance, haversine, report

GIVEN = Assumptions(
    people_per_vehicle=4, speed=40, cost_per_km=10_000, cost_per_hour=50_000, co2_per_km=0.2, detour=1.3
)
HANOI, HCMC = (21.0285, 105.8542), (10.7769, 106.7009)
PLACES = {
    1: Location(id=1, name="Tỉnh", latitude=HANOI[0], longitude=HANOI[1]),
    2: Location(id=2, name="Xã A", distance_km=20, usual=10),
    3: Location(id=3, name="TP. HCM", latitude=HCMC[0], longitude=HCMC[1]),
    4: Location(id=4, name="Không rõ"),
}


def visit(site: int, people: int | None = 5, seconds: float = 3600, conference: str = "c1") -> Visit:
    return Visit(conference=conference, presiding=PLACES[1], site=PLACES[site], seconds=seconds, people=people)


def test_one_site() -> None:
    found = report([visit(2)], GIVEN)
    # 5 people in 2 cars, 20 km there and back; each of them an hour on the road.
    assert found.total == Saved(visits=1, people=5, vehicles=2, km=80, hours=5, money=1_050_000, co2=16)
    assert found.by_site == ((PLACES[2], found.total),)


def test_between_hanoi_and_ho_chi_minh_city() -> None:
    assert haversine(*HANOI, *HCMC) == pytest.approx(1144, abs=4)  # as maps have it
    away = distance(PLACES[3], PLACES[1], 1.3)
    assert away == pytest.approx(1.3 * haversine(*HANOI, *HCMC))
    assert haversine(0, 0, 0, 180) == pytest.approx(20015.1, abs=0.1)  # half the equator


def test_who_presides_saves_nothing_and_who_is_nowhere_is_told() -> None:
    found = report([visit(1), visit(4)], GIVEN)
    assert (found.conferences, found.total, found.unknown) == (1, Saved(), (PLACES[4],))
    nobody = Visit(conference="c", presiding=None, site=PLACES[3], seconds=3600, people=5)
    assert report([nobody], GIVEN).unknown == (PLACES[3],)


def test_a_short_visit_is_none_and_where_nobody_counted_the_usual_number_came() -> None:
    assert report([visit(2, seconds=299)], GIVEN).conferences == 0
    assert report([visit(2, people=None)], GIVEN).total.people == 10
    assert report([visit(2, people=0)], GIVEN).total.km == 0
    assert report([visit(3, people=None)], GIVEN).total.people == 1


@given(st.lists(st.builds(visit, st.sampled_from([1, 2, 3, 4]), st.none() | st.integers(0, 500)), max_size=30))
def test_the_total_is_the_sum_of_the_sites(visits: list[Visit]) -> None:
    found = report(visits, GIVEN)
    for name in ("visits", "people", "vehicles", "km", "hours", "money", "co2"):
        assert getattr(found.total, name) == pytest.approx(sum(getattr(saved, name) for _, saved in found.by_site))
        assert getattr(found.total, name) >= 0
    assert [saved.km for _, saved in found.by_site] == sorted((s.km for _, s in found.by_site), reverse=True)
