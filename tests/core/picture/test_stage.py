"""Who is seen when not everybody fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mcu.core.picture.stage import arrange
from mcu.core.roster import Participant


def person(ident: str, *, talking: bool = False, spoke_at: float = 0.0) -> Participant:
    return Participant(
        id=ident,
        room="1",
        channel=ident,
        name=ident,
        number="",
        kind="",
        entered_at=0,
        talking=talking,
        spoke_at=spoke_at,
    )


def test_all_fit_in_order_of_joining() -> None:
    assert arrange((), [person("a"), person("b")], 4) == ("a", "b")


def test_a_talker_out_of_sight_takes_the_tile_of_who_was_silent_longest_and_nobody_else_moves() -> None:
    people = [person("a", spoke_at=5), person("b", spoke_at=3), person("c", talking=True, spoke_at=9)]
    assert arrange(("a", "b"), people, 2) == ("a", "c")


def test_silence_changes_nothing() -> None:
    people = [person("a"), person("b"), person("c", spoke_at=9)]
    seats = arrange(("c", "a"), people, 2)
    assert seats == ("c", "a")


def test_who_leaves_gives_way_to_the_latest_talker() -> None:
    people = [person("a"), person("c"), person("d", spoke_at=2)]
    assert arrange(("a", "b"), people, 2) == ("a", "d")


def test_a_larger_layout_keeps_the_seats_and_adds() -> None:
    people = [person("a"), person("b"), person("c"), person("d", spoke_at=1)]
    assert arrange(("d", "a"), people, 3) == ("d", "a", "b")


@given(
    st.lists(st.sampled_from("abcdefgh")),
    st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(st.booleans(), st.integers(0, 5))),
    st.integers(1, 10),
)
def test_the_seen_are_those_who_spoke_last(seated: list[str], voices: dict[str, tuple[bool, int]], tiles: int) -> None:
    people = [person(i, talking=talking, spoke_at=spoke) for i, (talking, spoke) in voices.items()]
    seats = arrange(seated, people, tiles)
    assert len(seats) == len(set(seats)) == min(tiles, len(people))
    assert set(seats) <= set(voices)
    unseen = [p for p in people if p.id not in seats]
    seen = [p for p in people if p.id in seats]
    for out in unseen:
        assert all((s.talking, s.spoke_at) >= (out.talking, out.spoke_at) for s in seen)
    assert arrange(seats, people, tiles) == seats
