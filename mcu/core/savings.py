"""What it would have taken to bring everybody to the presiding site: ways, hours, money and CO2 that were saved.

Pure arithmetic over attendance and distances; every assumption is a value of ``Assumptions``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

_EARTH = 6371.0088  # km, mean radius (IUGG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    people_per_vehicle: int = 4
    speed: float = 40.0  # km/h
    cost_per_km: float = 10_000.0  # of a vehicle
    cost_per_hour: float = 50_000.0  # of a person
    co2_per_km: float = 0.2  # kg, of a vehicle
    currency: str = "VND"
    detour: float = 1.3  # roads over great circles
    least_minutes: int = 5
    least_people: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A site: how far it is by road, or where it lies (WGS 84, degrees)."""

    id: int  # below 0: it was deleted since
    name: str
    distance_km: float = 0.0  # one way; 0: not known
    latitude: float | None = None
    longitude: float | None = None
    usual: int = 0  # people


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One site in one conference."""

    conference: str
    presiding: Location | None
    site: Location  # as it was then
    seconds: float
    people: int | None  # None: nobody said


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    visits: int = 0
    people: int = 0
    vehicles: int = 0
    km: float = 0.0  # of vehicles, there and back
    hours: float = 0.0  # of people
    money: float = 0.0
    co2: float = 0.0  # kg

    def __add__(self, other: Saved) -> Saved:
        return Saved(**{name: getattr(self, name) + getattr(other, name) for name in Saved.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    conferences: int
    total: Saved
    by_site: tuple[tuple[Location, Saved], ...]  # the most km first
    unknown: tuple[Location, ...]  # that were there, and nobody knows how far they are


def report(visits: Iterable[Visit], given: Assumptions) -> Report:
    """Who was there for too short a time does not count, nor does the presiding site. A site's name is its latest."""
    by_site: dict[int, Saved] = {}
    places: dict[int, Location] = {}
    unknown: dict[int, Location] = {}
    conferences = set()
    for visit in visits:
        place = visit.site
        if visit.seconds < 60 * given.least_minutes:
            continue
        conferences.add(visit.conference)
        if visit.presiding is not None and place.id == visit.presiding.id:
            continue
        away = distance(place, visit.presiding, given.detour)
        if away is None:
            unknown[place.id] = place
        else:
            by_site[place.id] = by_site.get(place.id, Saved()) + _saved(visit, place, away, given)
            places[place.id] = place
    ranked = sorted(by_site.items(), key=lambda item: (-item[1].km, item[0]))
    return Report(
        conferences=len(conferences),
        total=sum(by_site.values(), Saved()),
        by_site=tuple((places[site], saved) for site, saved in ranked),
        unknown=tuple(unknown[site] for site in sorted(unknown)),
    )


def distance(place: Location, presiding: Location | None, detour: float) -> float | None:
    """km by road, one way: as it was entered, else from where both lie; None if neither is known."""
    if place.distance_km > 0:
        return place.distance_km
    if presiding is None:
        return None
    ends = (place.latitude, place.longitude, presiding.latitude, presiding.longitude)
    known = [end for end in ends if end is not None]
    return detour * haversine(*known) if len(known) == 4 else None


def haversine(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """km between two places (degrees) on a sphere of the earth's mean radius."""
    a, b = math.radians(latitude), math.radians(other_latitude)
    half = math.sin((b - a) / 2) ** 2
    half += math.cos(a) * math.cos(b) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, half)))


def _saved(visit: Visit, place: Location, away: float, given: Assumptions) -> Saved:
    people = visit.people if visit.people is not None else max(place.usual, given.least_people)
    vehicles = math.ceil(people / given.people_per_vehicle)
    km, hours = 2 * away * vehicles, 2 * away / given.speed * people
    return Saved(
        visits=1,
        people=people,
        vehicles=vehicles,
        km=km,
        hours=hours,
        money=km * given.cost_per_km + hours * given.cost_per_hour,
        co2=km * given.co2_per_km,
    )
