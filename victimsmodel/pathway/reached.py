"""Exact chances of contact when no one waits for staff, for many draws at once.

Given reachability u, attempts succeed independently. A victim is not contacted before attempt n with
probability  prod_{j<n} (1 - p_j(u) F_j(t_n - t_j)),  where F is the share of replies that have come
(1 at once for calls and visits); contact ever has probability  1 - prod_j (1 - p_j(u)). Both are
averaged over the cells of u, the channels with details, and the arrival days.
"""

from __future__ import annotations

import math

from victimsmodel.compiled import compiled_entry
from victimsmodel.pathway.arrays import MOST_REPLY_DAYS, MOST_WAIT_DAYS, N_CELLS, Floats, Ints


@compiled_entry
def add_contacts(
    reach: Floats,
    reply: Floats,
    fade_days: Floats,
    spoken: Ints,
    elapsed: Ints,
    weights: Floats,
    made: Floats,
    reached: Floats,
    ever: Floats,
    memory: Floats,
) -> None:
    """Fill the expected attempts and contacts of one contact method, given the details it has.

    Parameters
    ----------
    reach : ndarray, shape (n_draws, n_attempts, N_CELLS)
        Success of each attempt on the day of the crime.
    reply : ndarray, shape (n_draws, n_attempts, MOST_REPLY_DAYS + 1)
        Cumulative probability of a reply by day.
    fade_days : ndarray, shape (n_draws,)
    spoken : ndarray, shape (n_attempts,)
        1 where a success is known at once.
    elapsed : ndarray, shape (n_patterns, n_attempts)
        Days from arrival to each attempt; below 0 where it is not made.
    weights : ndarray, shape (n_patterns,)
    made, reached : ndarray, shape (n_draws, n_attempts)
        Filled per victim: attempts, and those that succeed.
    ever : ndarray, shape (n_draws,)
        Filled: chance of contact.
    memory : ndarray, shape (3 * n_attempts + 2, N_CELLS)
        What is in it is lost.
    """
    n_draws, n_attempts = made.shape
    success, made_in = memory[:n_attempts], memory[n_attempts : 2 * n_attempts]
    reached_in, open_ = memory[2 * n_attempts : 3 * n_attempts], memory[3 * n_attempts]
    ever_in = memory[3 * n_attempts + 1]
    for draw in range(n_draws):
        memory[:] = 0.0
        for pattern in range(weights.size):
            days, weight = elapsed[pattern], weights[pattern] / N_CELLS
            n = 0
            while n < n_attempts and days[n] >= 0:
                fade = math.exp(-days[n] / fade_days[draw])
                for cell in range(N_CELLS):
                    success[n, cell] = reach[draw, n, cell] * fade
                    open_[cell] = weight
                for j in range(n):
                    gap = min(days[n] - days[j], MOST_REPLY_DAYS)
                    known = 1.0 if spoken[j] else reply[draw, j, gap]
                    for cell in range(N_CELLS):
                        open_[cell] *= 1 - success[j, cell] * known
                for cell in range(N_CELLS):
                    made_in[n, cell] += open_[cell]
                    reached_in[n, cell] += open_[cell] * success[n, cell]
                n += 1
            for cell in range(N_CELLS):
                open_[cell] = weight
            for a in range(n):
                for cell in range(N_CELLS):
                    open_[cell] *= 1 - success[a, cell]
            for cell in range(N_CELLS):
                ever_in[cell] += weight - open_[cell]
        for cell in range(N_CELLS):
            ever[draw] += ever_in[cell]
            for a in range(n_attempts):
                made[draw, a] += made_in[a, cell]
                reached[draw, a] += reached_in[a, cell]


@compiled_entry
def add_contact_days(
    reach: Floats,
    reply: Floats,
    fade_days: Floats,
    spoken: Ints,
    elapsed: Ints,
    weights: Floats,
    by_attempt: Floats,
    memory: Floats,
) -> None:
    """Fill the chance that contact comes on a day, by the attempt that brought it.

    A reply comes at the start of its day, before the calls of that day; of two replies on one day
    the earlier message's counts.

    Parameters
    ----------
    reach, reply, fade_days, spoken, elapsed, weights, memory
        As in `add_contacts`.
    by_attempt : ndarray, shape (n_draws, n_attempts, MOST_WAIT_DAYS + 1)
        Filled per victim.
    """
    n_draws, n_attempts = by_attempt.shape[0], by_attempt.shape[1]
    success, chance = memory[:n_attempts], memory[n_attempts]
    for draw in range(n_draws):
        for pattern in range(weights.size):
            days, weight = elapsed[pattern], weights[pattern] / N_CELLS
            n = 0
            while n < n_attempts and days[n] >= 0:
                fade = math.exp(-days[n] / fade_days[draw])
                for cell in range(N_CELLS):
                    success[n, cell] = reach[draw, n, cell] * fade
                n += 1
            for a in range(n):
                for delay in range(1 if spoken[a] else MOST_REPLY_DAYS + 1):
                    day, share = days[a] + delay, 1.0
                    if not spoken[a]:
                        share = reply[draw, a, delay] - (reply[draw, a, delay - 1] if delay > 0 else 0.0)
                    if share <= 0.0:
                        continue
                    for cell in range(N_CELLS):  # innermost, so that several cells go at once
                        chance[cell] = success[a, cell] * share
                    for j in range(n):
                        gap = day - days[j]
                        if j == a or gap < 0:
                            continue
                        if spoken[j]:
                            is_before = gap > 0 or (spoken[a] and j < a)
                            known = 1.0 if is_before else 0.0
                        else:
                            # a reply of the same day goes before a call, and before a later message's
                            last = gap if spoken[a] or j < a else gap - 1
                            known = reply[draw, j, min(last, MOST_REPLY_DAYS)] if last >= 0 else 0.0
                        if known > 0.0:
                            for cell in range(N_CELLS):
                                chance[cell] *= 1 - success[j, cell] * known
                    for cell in range(N_CELLS):
                        by_attempt[draw, a, min(day, MOST_WAIT_DAYS)] += weight * chance[cell]
