"""Likelihood of contact attempts under one latent reachability that all channels share (design 4.3).

A victim of reachability u answers an attempt in channel c, d days after the crime, with probability
``Q_c(u) exp(-d / fade_days)``, Q_c the quantile function of a Beta distribution. Of a message that has
not been answered F is the chance that the answer, had there been one, would have come by now. Given u
the attempts are independent; a victim's likelihood is the mean over u of the product

    prod_reached Q_c(u) e^(-d/fade)  *  prod_not_reached (1 - F Q_c(u) e^(-d/fade)).

With one channel and no fade this is the Beta-geometric distribution of Weinberg and Gladen (1986),
Biometrics 42, 547-560. When to stop may depend on what has been seen (a contact, a number of attempts),
not on u itself: such rules cancel from the likelihood and are not modelled.
"""

from __future__ import annotations

import math

from victimsmodel.compiled import compiled_entry
from victimsmodel.pathway.arrays import N_CELLS, Floats, Ints


@compiled_entry
def add_scores(
    tables: Floats,
    slopes: Floats,
    slots: Ints,
    attempts: Ints,
    factors: Floats,
    starts: Ints,
    fade: int,
    loglik: Floats,
    scores: Floats,
) -> None:
    """Fill log-likelihood and score of every pattern of attempts.

    Parameters
    ----------
    tables : ndarray, shape (n_tables, N_CELLS)
        Success on the day of the crime, by cell of reachability.
    slopes : ndarray, shape (n_tables, n_slots, N_CELLS)
        Derivatives of the tables by the parameters that ``slots`` names.
    slots : ndarray, shape (n_tables, n_slots)
        Number of a parameter; -1: none.
    attempts : ndarray, shape (n_attempts, 3)
        Table, 1 if reached, parameter of the replies (-1: none).
    factors : ndarray, shape (n_attempts, 4)
        Fading factor, its derivative by the rate of fading, F, its derivative by the parameter of the replies.
    starts : ndarray, shape (n_patterns + 1,)
        Where the attempts of each pattern start.
    fade : int
        Number of the parameter of fading; -1: none.
    loglik : ndarray, shape (n_patterns,)
        Filled.
    scores : ndarray, shape (n_patterns, n_parameters)
        Filled.
    """
    n_slots = slots.shape[1]
    for pattern in range(loglik.size):
        first, last = starts[pattern], starts[pattern + 1]
        for k in range(scores.shape[1]):
            scores[pattern, k] = 0.0
        total = 0.0
        for cell in range(N_CELLS):
            product = 1.0
            for j in range(first, last):
                chance = tables[attempts[j, 0], cell] * factors[j, 0]
                product *= chance if attempts[j, 1] else 1 - chance * factors[j, 2]
            total += product
            for j in range(first, last):
                table, level = attempts[j, 0], tables[attempts[j, 0], cell]
                chance = level * factors[j, 0]
                if attempts[j, 1]:
                    by_chance = product / chance
                else:
                    by_chance = -product * factors[j, 2] / (1 - chance * factors[j, 2])
                    if attempts[j, 2] >= 0:
                        by_known = -product * chance / (1 - chance * factors[j, 2])
                        scores[pattern, attempts[j, 2]] += by_known * factors[j, 3]
                for s in range(n_slots):
                    if slots[table, s] >= 0:
                        slope = slopes[table, s, cell]
                        scores[pattern, slots[table, s]] += by_chance * factors[j, 0] * slope
                if fade >= 0:
                    scores[pattern, fade] += by_chance * level * factors[j, 1]
        loglik[pattern] = math.log(total / N_CELLS)
        for k in range(scores.shape[1]):
            scores[pattern, k] /= total
