"""The emulator behind Sobol indices: exact for polynomials, and honest where it tells little."""

from __future__ import annotations

import numpy as np
import pytest

from victimsmodel.appraisal.emulator import emulator_of
from victimsmodel.appraisal.sensitivity import sobol_table


def points(n, k):
    return np.random.default_rng(8).random((n, k))


def test_a_polynomial_is_emulated_to_rounding():
    sample, more = points(60, 3), points(200, 3)[100:]

    def truth(x):
        return 5 + x[:, 0] - 2 * x[:, 1] ** 2 + 3 * x[:, 0] * x[:, 2] ** 2

    found = emulator_of(sample, truth(sample))
    assert found.explained == pytest.approx(1, abs=1e-12)
    assert found.predict(more) == pytest.approx(truth(more), rel=1e-10)


def test_indices_of_a_product_agree_with_the_closed_form():
    # y = (1 + x1)(1 + 2 x2): factor means 3/2 and 2, variances 1/12 and 1/3
    sample = points(60, 2)
    emulator = emulator_of(sample, (1 + sample[:, 0]) * (1 + 2 * sample[:, 1]))
    first = np.array([4 / 12, (9 / 4) / 3])
    total = first.sum() + 1 / 36
    found = sobol_table(emulator.predict, ["a", "b"], 4096, 1).set_index("input").loc[["a", "b"]]
    assert found["first"].to_numpy() == pytest.approx(first / total, abs=5e-3)
    assert found["total"].to_numpy() == pytest.approx(1 - first[::-1] / total, abs=5e-3)
    assert found["has_converged"].all()


def test_the_leave_one_out_error_is_that_of_leaving_each_point_out():
    sample = points(12, 1)
    values = np.sin(9 * sample[:, 0])
    found = emulator_of(sample, values)
    degree = max(term[0] for term in found.terms)
    errors = []
    for i in range(12):
        kept = np.arange(12) != i
        line = np.polynomial.Polynomial.fit(sample[kept, 0], values[kept], degree)
        errors.append(values[i] - line(sample[i, 0]))
    explained = 1 - np.square(errors).sum() / np.square(values - values.mean()).sum()
    assert found.explained == pytest.approx(explained, rel=1e-8)


def test_chance_alone_is_not_told_by_any_emulator():
    values = np.random.default_rng(3).normal(size=200)
    assert emulator_of(points(200, 4), values).explained < 0.1


def test_what_never_varies_is_told_wholly():
    assert emulator_of(points(40, 2), np.full(40, 7.0)).explained == 1


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="8 points are too few for 4 inputs"):
        emulator_of(points(8, 4), np.zeros(8))
