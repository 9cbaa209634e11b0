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

from victimsmodel.compiled import compiled_entry, inlined_part
from victimsmodel.pathway.arrays import N_CELLS, Floats, Ints


@inlined_part
def _folded(row: Floats) -> float:
    """Return the sum of a row of cells, by halves so that lanes of the processor add side by side."""
    half = N_CELLS // 2
    while half > 0:
        for cell in range(half):
            row[cell] += row[cell + half]
        half //= 2
    return row[0]


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
    memory: Floats,
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
        Fading factor, its derivative by the rate of fading, F, its derivative by the replies' parameter.
    starts : ndarray, shape (n_patterns + 1,)
        Where the attempts of each pattern start.
    fade : int
        Number of the parameter of fading; -1: none.
    loglik : ndarray, shape (n_patterns,)
        Filled.
    scores : ndarray, shape (n_patterns, n_parameters)
        Filled.
    memory : ndarray, shape (n_parameters + 2, N_CELLS)
        What is in it is lost.
    """
    n_slots, n_parameters = slots.shape[1], scores.shape[1]
    product, ratio = memory[n_parameters], memory[n_parameters + 1]
    for pattern in range(loglik.size):
        first, last = starts[pattern], starts[pattern + 1]
        product[:] = 1.0
        memory[:n_parameters] = 0.0
        for j in range(first, last):
            level, faded, known = tables[attempts[j, 0]], factors[j, 0], factors[j, 2]
            if attempts[j, 1]:
                for cell in range(N_CELLS):
                    product[cell] *= level[cell] * faded
            else:
                for cell in range(N_CELLS):
                    product[cell] *= 1 - level[cell] * (faded * known)
        for j in range(first, last):
            level, faded, known = tables[attempts[j, 0]], factors[j, 0], factors[j, 2]
            if attempts[j, 1]:
                for cell in range(N_CELLS):
                    ratio[cell] = product[cell] / level[cell]
            else:
                if attempts[j, 2] >= 0:
                    own, by_known = memory[attempts[j, 2]], faded * factors[j, 3]
                    for cell in range(N_CELLS):
                        share = level[cell] / (1 - level[cell] * (faded * known))
                        own[cell] -= product[cell] * share * by_known
                for cell in range(N_CELLS):
                    ratio[cell] = -product[cell] * (faded * known) / (1 - level[cell] * (faded * known))
            for s in range(n_slots):
                if slots[attempts[j, 0], s] >= 0:
                    own, slope = memory[slots[attempts[j, 0], s]], slopes[attempts[j, 0], s]
                    for cell in range(N_CELLS):
                        own[cell] += ratio[cell] * slope[cell]
            if fade >= 0:
                own, by_rate = memory[fade], factors[j, 1] / faded
                for cell in range(N_CELLS):
                    own[cell] += ratio[cell] * level[cell] * by_rate
        total = _folded(product)
        loglik[pattern] = math.log(total / N_CELLS)
        for k in range(n_parameters):
            scores[pattern, k] = _folded(memory[k]) / total
