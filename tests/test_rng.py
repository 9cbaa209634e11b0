import numpy as np
import pytest
from numba import njit
from scipy import stats

from victimsmodel.inputs.draws import stratified_points
from victimsmodel.rng import mix64, poisson, replication_key, uniform, victim_key

GOLDEN = 0x9E3779B97F4A7C15
SPLITMIX64_OF_1234567 = [
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]
N = 200_000
Z = 5  # standard errors
LEAST_P = 2 * stats.norm.sf(Z)


@njit
def keys_of(replication, group, day, n):
    keys = np.empty(n, np.uint64)
    for i in range(n):
        keys[i] = victim_key(replication, group, day, i)
    return keys


@njit
def uniforms(keys, decisions, ordinals):
    numbers = np.empty(keys.size)
    for i in range(keys.size):
        numbers[i] = uniform(keys[i], decisions[i], ordinals[i])
    return numbers


@njit
def counts(keys, decision, mean):
    numbers = np.empty(keys.size, np.int64)
    for i in range(keys.size):
        numbers[i] = poisson(keys[i], decision, mean)
    return numbers


def replication_of(seed=1, replication=0):
    return np.uint64(replication_key(seed, replication))


def keys(n=N, seed=1, replication=0, group=3, day=18_000):
    return keys_of(replication_of(seed, replication), group, day, n)


def draws(keys, decision=0, ordinal=0):
    decisions = np.broadcast_to(np.asarray(decision, np.int64), keys.shape).copy()
    ordinals = np.broadcast_to(np.asarray(ordinal, np.int64), keys.shape).copy()
    return uniforms(keys, decisions, ordinals)


def assert_uniform(numbers):
    observed = np.bincount((numbers * 100).astype(np.int64), minlength=100)
    assert stats.chisquare(observed).pvalue > LEAST_P
    assert stats.kstest(numbers, "uniform").pvalue > LEAST_P


def assert_uncorrelated(x, y):
    """A correlation of independent numbers has standard error 1 / sqrt(n); so have their squares'."""
    for power in (1, 2):
        r = np.corrcoef((x - 0.5) ** power, (y - 0.5) ** power)[0, 1]
        assert abs(r) < Z / np.sqrt(x.size)


# Known answers


def test_mixing_multiples_of_the_golden_ratio_gives_splitmix64():
    states = [np.uint64((1234567 + n * GOLDEN) % 2**64) for n in range(1, 6)]
    assert [int(mix64(state)) for state in states] == SPLITMIX64_OF_1234567


def test_numbers_of_the_first_decision_are_the_outputs_of_splitmix64():
    found = [uniform(np.uint64(1234567), 0, ordinal) for ordinal in range(5)]
    assert found == [(answer >> 12) * 2.0**-52 + 2.0**-53 for answer in SPLITMIX64_OF_1234567]


def test_a_decision_starts_256_outputs_after_the_one_before():
    state = np.uint64((1234567 + (7 * 256 + 3 + 1) * GOLDEN) % 2**64)
    assert uniform(np.uint64(1234567), 7, 3) == (int(mix64(state)) >> 12) * 2.0**-52 + 2.0**-53


def test_a_number_depends_on_what_it_decides_alone():
    together = draws(keys(50))
    alone = [draws(keys(i + 1))[i] for i in reversed(range(50))]
    assert together.tolist() == alone[::-1]


def test_no_two_victims_replications_or_seeds_share_a_key():
    found = np.concatenate(
        [
            keys(1_000, seed=seed, replication=replication, group=group, day=day)
            for seed in (0, 1, 2)
            for replication in (0, 1, 2)
            for group in (0, 1, 15)
            for day in (0, 1, 17_999, 18_000)
        ]
    )
    assert np.unique(found).size == found.size


# Uniformity


def test_numbers_are_uniform_over_victims():
    assert_uniform(draws(keys()))


def test_numbers_are_uniform_over_decisions():
    one_victim = np.full(N, keys(1)[0])
    assert_uniform(draws(one_victim, decision=np.arange(N)))


def test_numbers_are_uniform_over_ordinals():
    few_victims = np.repeat(keys(N // 256), 256)
    assert_uniform(draws(few_victims, ordinal=np.tile(np.arange(256), N // 256)))


def test_numbers_are_uniform_over_replications_of_one_victim():
    found = [victim_key(replication_of(1, i), 3, 18_000, 0) for i in range(20_000)]
    assert_uniform(draws(np.array(found, np.uint64)))


def test_numbers_are_uniform_over_seeds():
    found = [victim_key(replication_of(i, 0), 3, 18_000, 0) for i in range(20_000)]
    assert_uniform(draws(np.array(found, np.uint64)))


def test_numbers_lie_between_0_and_1():
    numbers = draws(keys(), decision=3, ordinal=2)
    assert 0 < numbers.min() < numbers.max() < 1


# Independence of neighbours


@pytest.mark.parametrize("lag", [1, 2, 16, 256])
def test_neighbouring_victims_are_independent(lag):
    numbers = draws(keys())
    assert_uncorrelated(numbers[:-lag], numbers[lag:])


@pytest.mark.parametrize("decision", [1, 2, 31])
def test_decisions_of_a_victim_are_independent(decision):
    assert_uncorrelated(draws(keys()), draws(keys(), decision=decision))


@pytest.mark.parametrize("ordinal", [1, 2, 255])
def test_ordinals_of_a_decision_are_independent(ordinal):
    assert_uncorrelated(draws(keys(), 4), draws(keys(), 4, ordinal))


@pytest.mark.parametrize(
    "other", [{"replication": 1}, {"seed": 2}, {"group": 4}, {"day": 18_001}, {"replication": 19}]
)
def test_replications_seeds_groups_and_days_are_independent(other):
    assert_uncorrelated(draws(keys()), draws(keys(**other)))


# Poisson counts


@pytest.mark.parametrize(("mean", "n"), [(0.3, N), (5, N), (399, 50_000), (401, 50_000), (2_000, 20_000)])
def test_counts_have_the_mean_variance_and_distribution_of_poisson(mean, n):
    found = counts(keys(n), 2, float(mean))
    assert abs(found.mean() - mean) < Z * np.sqrt(mean / n)
    # the variance of a sample variance is (fourth central moment - variance squared) / n
    assert abs(found.var(ddof=1) - mean) < Z * np.sqrt((2 * mean**2 + mean) / n)
    exact = stats.poisson(mean)
    edges = np.unique(exact.ppf(np.linspace(0.001, 0.999, 60)))
    expected = np.diff(np.concatenate([[0], exact.cdf(edges), [1]])) * n
    observed = np.bincount(np.searchsorted(edges, found), minlength=edges.size + 1)
    assert stats.chisquare(observed, expected).pvalue > LEAST_P


def test_a_mean_of_zero_gives_no_victims():
    assert (counts(keys(1_000), 2, 0.0) == 0).all()


def test_one_part_of_a_count_is_the_inverse_of_the_distribution():
    found = counts(keys(2_000), 2, 5.0)
    np.testing.assert_array_equal(found, stats.poisson(5).ppf(draws(keys(2_000), 2)))


# Latin hypercube columns


@pytest.mark.parametrize("n_points", [1, 2, 7, 1_000])
def test_every_stratum_holds_one_point(n_points):
    points = stratified_points(1, "demand.need", n_points)
    assert sorted((points * n_points).astype(int)) == list(range(n_points))


def test_points_lie_strictly_between_0_and_1():
    points = stratified_points(1, "demand.need", 100_000)
    assert 0 < points.min() < points.max() < 1


def test_a_column_depends_on_seed_and_name_alone():
    first = stratified_points(1, "demand.need", 100)
    stratified_points(1, "outcomes.improved", 100)
    np.testing.assert_array_equal(stratified_points(1, "demand.need", 100), first)
    assert (stratified_points(2, "demand.need", 100) != first).any()
    assert (stratified_points(1, "demand.needs", 100) != first).any()


def test_points_are_uniform_within_their_strata():
    points = stratified_points(1, "demand.need", N) * N
    assert_uniform(points - np.floor(points))


@pytest.mark.parametrize("other", [(1, "outcomes.improved"), (2, "demand.need")])
def test_columns_are_independent(other):
    assert_uncorrelated(stratified_points(1, "demand.need", N), stratified_points(*other, N))
