"""Facts of the Shapley value: published games, its axioms, and a second computation over all orders."""

from itertools import permutations

import numpy as np
import pytest

from victimsmodel.appraisal.parts import joined_blocks
from victimsmodel.appraisal.shapley import shapley_values, shares


def game(n_players, worth):
    """Return the value of every subset, by the set of its players."""
    return [worth({i for i in range(n_players) if subset >> i & 1}) for subset in range(2**n_players)]


@pytest.fixture
def random_games():
    """Return 200 games of five players."""
    return np.random.default_rng(3).normal(size=(32, 200))


def test_the_glove_game_gives_the_scarce_right_glove_two_thirds():
    values = shapley_values(game(3, lambda s: float(2 in s and len(s) >= 2)))
    assert values == pytest.approx([1 / 6, 1 / 6, 2 / 3], abs=1e-15)


def test_the_airport_game_splits_each_stretch_among_those_who_use_it():
    """Littlechild and Owen (1973): runways that cost 8, 11, 13 and 18 are charged 2, 3, 4 and 9."""
    costs = (8, 11, 13, 18)
    values = shapley_values(game(4, lambda s: max((costs[i] for i in s), default=0)))
    assert values == pytest.approx([2, 3, 4, 9], abs=1e-12)


def test_the_security_council_has_the_published_power():
    """Shapley and Shubik (1954), for 15 members: 0.1963 for each of the five, 0.001865 for each other."""
    subsets = np.arange(2**15)
    permanent = sum(subsets >> i & 1 for i in range(5))
    others = sum(subsets >> i & 1 for i in range(5, 15))
    power = shapley_values((permanent == 5) & (others >= 4))
    assert power[:5] == pytest.approx([0.1963] * 5, abs=5e-5)
    assert power[5:] == pytest.approx([0.001865] * 10, abs=5e-7)


def test_values_sum_to_the_whole_in_every_game(random_games):
    whole = random_games[-1] - random_games[0]
    assert shapley_values(random_games).sum(axis=0) == pytest.approx(whole, rel=1e-12, abs=1e-12)


def test_a_player_who_adds_the_same_to_every_subset_gets_that(random_games):
    with_dummy = np.concatenate([random_games, random_games + 2.5])
    values = shapley_values(with_dummy)
    assert values[5] == pytest.approx(2.5, abs=1e-12)
    assert values[:5] == pytest.approx(shapley_values(random_games), abs=1e-12)


def test_players_who_are_interchangeable_get_the_same():
    values = shapley_values(game(4, lambda s: len(s) ** 2 + 7.0 * ({0, 1} <= s)))
    assert values[0] == pytest.approx(values[1], abs=1e-12)
    assert values[2] == pytest.approx(values[3], abs=1e-12)


def test_the_values_of_a_sum_of_games_are_the_sums(random_games):
    one, other = random_games[:, :100], random_games[:, 100:]
    sums = shapley_values(one) + shapley_values(other)
    assert shapley_values(one + other) == pytest.approx(sums, abs=1e-12)


def test_they_are_the_mean_and_the_range_over_all_orders(random_games):
    """A second computation: walk through all 120 orders."""
    added = np.empty((120, 5, 200))
    for k, order in enumerate(permutations(range(5))):
        joined = 0
        for player in order:
            added[k, player] = random_games[joined | 1 << player] - random_games[joined]
            joined |= 1 << player
    found = shares(random_games)
    assert found.value == pytest.approx(added.mean(axis=0), abs=1e-12)
    assert (found.least == added.min(axis=0)).all()
    assert (found.most == added.max(axis=0)).all()


def test_nobody_shares_nothing():
    assert shapley_values([3.0]).shape == (0,)


def test_a_number_of_subsets_that_is_no_power_of_two_is_refused():
    with pytest.raises(ValueError, match="6 subsets are not all subsets"):
        shapley_values(np.zeros(6))


# Parts that only go together

A, B, C, D = (("a",), ("b",), ("c",), ("d",))


def test_parts_that_work_alone_stay_apart():
    assert joined_blocks([A, B, C], lambda chosen: True) == [A, B, C]


def test_a_part_is_joined_with_the_one_that_it_needs():
    assert joined_blocks([A, B, C], lambda chosen: "c" not in chosen or "a" in chosen) == [("a", "c"), B]


def test_parts_that_clash_without_a_third_are_joined_with_it():
    found = joined_blocks([A, B, C, D], lambda chosen: not {"a", "b"} <= chosen or "d" in chosen)
    assert found == [("a", "b", "d"), C]


def test_a_chain_of_needs_becomes_one_part():
    needs = {"a": "b", "b": "c"}
    found = joined_blocks([A, B, C, D], lambda chosen: all(needs.get(p, p) in chosen for p in chosen))
    assert found == [("a", "b", "c"), D]
