"""The best mix of staff and places for a grant: each option by itself, then the best of all held together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from victimsmodel.appraisal.mixes import LEAST_GIVEN, Mix, Mixes, Tried
from victimsmodel.appraisal.selection import Correct, Limits, Margins, Trial, best_correct

#: Years of the search, and those in which contenders are held together, in rounds.
SEARCH_YEARS = 8
_ROUNDS = (16, 32, 64)
_CONTENDERS = 6
_LEFT_BEHIND = 0.85  # of the best option's victims at balanced staff: below it an option is given up
_STRIDE = 0.25  # of a lever, first
#: Part of the victims in need supported that a plan may fall short of the best by and still count as it.
INDIFFERENCE = 0.005
#: The same for the share of years within the grant, and for the support that is given: choices.
YEARS, GIVEN = 0.05, 0.02


class Budget(NamedTuple):
    """A grant, and the share of years in which the cost must stay within it."""

    grant: float
    confidence: float


class Candidate(NamedTuple):
    """A mix of one option."""

    option: str
    mix: Mix


class Best(NamedTuple):
    """The best plan for a grant, what it was held against, and how sure the choice is.

    `by_option` has the best plan found of every option that the grant pays for at all, in the years of
    the search; of options that fell far behind, with staff in proportion to their work.
    """

    chosen: Candidate
    contenders: tuple[Candidate, ...]  # also those that just miss a limit
    chances: tuple[float, ...]  # that each is the best
    years: tuple[int, ...]
    correct: Correct
    at_edge: tuple[str, ...]  # levers of which the plan holds as much as the search allows
    grant_is_spent: bool
    by_option: tuple[Candidate, ...]


class GrantSearch:
    """The search for one scenario; what was learnt for one grant serves the next."""

    def __init__(self, mixes: Mapping[str, Mixes]) -> None:
        self.mixes = mixes
        n_years = next(iter(mixes.values())).years.n_years
        self.first = tuple(range(min(SEARCH_YEARS, n_years)))
        self.rounds = [tuple(range(min(n, n_years))) for n in _ROUNDS]
        self._balanced = {name: own.balanced(self.first) for name, own in mixes.items()}

    def best(self, budget: Budget, before: Sequence[Candidate] = (), *, roughly: bool = False) -> Best | None:
        """Return the best plan for a grant; None if the grant does not pay for any.

        Parameters
        ----------
        budget : Budget
        before : sequence of Candidate
            Plans that were good for a smaller grant: they are contenders, too.
        roughly : bool
            Take half the years: for a frontier, of which no point is asked about by itself.
        """
        starts = {name: self._start(name, budget) for name in self.mixes}
        values = {name: self._score(name, mix)[1] for name, mix in starts.items() if mix is not None}
        if not values:
            return None
        found: dict[Candidate, tuple[float, float]] = {}
        for name, value in values.items():
            mix = starts[name]
            if mix is not None and value >= _LEFT_BEHIND * max(values.values()):
                found.update(self._compass(name, mix, budget))
        found.update({one: self._score(one.option, one.mix) for one in before})
        rounds = self.rounds[0:1] + self.rounds[0:2] if roughly else self.rounds
        best = self._held_together(found, budget, rounds)
        return None if best is None else best._replace(by_option=self._by_option(starts, found, best.chosen))

    def _by_option(
        self,
        starts: Mapping[str, Mix | None],
        found: Mapping[Candidate, tuple[float, float]],
        chosen: Candidate,
    ) -> tuple[Candidate, ...]:
        """Return the best plan seen of each option in the order of the options; the chosen one of its own."""
        seen = {
            Candidate(name, mix): self._score(name, mix) for name, mix in starts.items() if mix is not None
        }
        scores = {**seen, **found}
        best: dict[str, Candidate] = {}
        for one in scores:
            if one.option not in best or scores[one] > scores[best[one.option]]:
                best[one.option] = one
        best[chosen.option] = chosen
        return tuple(best[name] for name in self.mixes if name in best)

    def filled(self, option: str, mix: Sequence[int], budget: Budget, variable: float) -> Mix | None:
        """Return the mix with as much of its filler as the grant pays for; None if not even without any."""
        own, filler, most = self.mixes[option], self.filler(option), self._balanced[option][1]

        def with_(steps: int) -> Mix:
            return (*mix[:filler], steps, *mix[filler + 1 :])

        if not own.affordable(with_(0), variable, budget.confidence, budget.grant):
            return None
        low, high = 0, most[filler] + 1
        while high - low > 1:
            middle = (low + high) // 2
            is_paid = own.affordable(with_(middle), variable, budget.confidence, budget.grant)
            low, high = (middle, high) if is_paid else (low, middle)
        return with_(low)

    def filler(self, option: str) -> int:
        """Return the role that takes what is left of the grant: the one whose work costs most."""
        own, usual = self.mixes[option], self._balanced[option][0]
        costs = [usual[i] * own.levers[i].prices.mean() for i in range(own.n_roles)]
        return int(np.argmax(costs))

    def variable(self, option: str, budget: Budget) -> float:
        """Return what attempts and cases cost with balanced staff for a grant, GBP a year."""
        own, usual = self.mixes[option], self._balanced[option][0]
        scale = 1.0
        for _ in range(2):
            mix = tuple(max(round(x * scale), 0) for x in usual)
            spent = own.variable(mix, self.first[:2])
            prices = np.array([lever.prices.mean() for lever in own.levers])
            left = budget.grant - own.fixed.mean() - spent
            scale = float(np.clip(left / max(usual @ prices, 1.0), 0.05, 1.0))
        return spent

    def _start(self, option: str, budget: Budget) -> Mix | None:
        """Return all levers at the same part of the work that there is, filled up to the grant."""
        own, (usual, most) = self.mixes[option], self._balanced[option]
        variable = self.variable(option, budget)
        for part in np.arange(1.2, 0.0, -0.05):
            mix = tuple(
                min(max(round(x * part), 1 if x > 0 else 0), m) for x, m in zip(usual, most, strict=True)
            )
            if own.affordable(mix, variable, budget.confidence, budget.grant):
                return self.filled(option, mix, budget, variable)
        return None

    def _score(self, option: str, mix: Mix) -> tuple[float, float]:
        """Return what plans are ranked by: first that no kind of support is starved, then victims in need."""
        tried = self.mixes[option].tried(mix, self.first)
        return float(min(tried.given.mean(axis=0).min(), LEAST_GIVEN)), float(tried.supported.mean())

    def _compass(self, option: str, start: Mix, budget: Budget) -> dict[Candidate, tuple[float, float]]:
        """Move one lever at a time, first far and then near, the filler taking up the difference."""
        most, filler = self._balanced[option][1], self.filler(option)
        variable = self.variable(option, budget)
        seen = {start: self._score(option, start)}
        best, widest = start, max(max(round(_STRIDE * steps), 1) for steps in start)
        shrink = 1.0
        while True:
            is_better = False
            for lever in (i for i in range(len(start)) if i != filler):
                stride = max(round(_STRIDE * start[lever] * shrink), 1)
                for by in (stride, -stride):
                    moved = list(best)
                    moved[lever] += by
                    if not 0 <= moved[lever] <= most[lever]:
                        continue
                    mix = self.filled(option, moved, budget, variable)
                    if mix is None:
                        continue
                    if mix not in seen:
                        seen[mix] = self._score(option, mix)
                    if seen[mix] > seen[best]:
                        best, is_better = mix, True
            if not is_better and shrink * widest <= 1.0:
                return {Candidate(option, mix): score for mix, score in seen.items()}
            if not is_better:
                shrink /= 2

    def _held_together(
        self, found: Mapping[Candidate, tuple[float, float]], budget: Budget, rounds: Sequence[Sequence[int]]
    ) -> Best | None:
        """Try the best plans in more and more years, look around the best of them, and choose."""
        first, second, last = rounds
        ranked = sorted(found, key=lambda one: found[one], reverse=True)[:_CONTENDERS]
        begun = max(ranked, key=lambda one: self._rank(one, budget, first))
        near = self._polished(begun, budget, second)
        by_rank = sorted(near, key=lambda one: self._rank(one, budget, second), reverse=True)
        by_value = sorted(near, key=lambda one: self._tried(one, second).supported.mean(), reverse=True)
        close = [one for one in by_value if self._is_nearly_sound(one, budget, second)]
        left = list(dict.fromkeys([*by_rank[:_CONTENDERS], *close[:_CONTENDERS]]))
        chosen = max(left, key=lambda one: self._rank(one, budget, last))
        if not self._is_sound(chosen, budget, last):  # as more years show
            left = list(dict.fromkeys([*left, *self._polished(chosen, budget, last)]))
            chosen = max(left, key=lambda one: self._rank(one, budget, last))
            if not self._is_sound(chosen, budget, last):
                return None
        return self._best(chosen, left, budget, last)

    def _polished(self, start: Candidate, budget: Budget, years: Sequence[int]) -> list[Candidate]:
        """Return the plans around one, after walking a step at a time to the best of them."""
        own, filler, most = (
            self.mixes[start.option],
            self.filler(start.option),
            self._balanced[start.option][1],
        )
        best, seen = start, {start}
        while True:
            variable = own.variable(best.mix, years)
            around = [best.mix]
            for lever in (i for i in range(len(best.mix)) if i != filler):
                for by in (1, -1):
                    steps = best.mix[lever] + by
                    if 0 <= steps <= most[lever]:
                        around.append((*best.mix[:lever], steps, *best.mix[lever + 1 :]))
            filled = (self.filled(start.option, mix, budget, variable) for mix in around)
            near = [Candidate(start.option, mix) for mix in filled if mix is not None]
            if best.mix[filler] > 0:  # where the cost is misjudged
                less = (*best.mix[:filler], best.mix[filler] - 1, *best.mix[filler + 1 :])
                near.append(Candidate(start.option, less))
            seen.update(near)
            following = max(near, key=lambda one: self._rank(one, budget, years), default=best)
            if self._rank(following, budget, years) <= self._rank(best, budget, years):
                return list(seen)
            best = following

    def _rank(self, one: Candidate, budget: Budget, years: Sequence[int]) -> tuple[float, ...]:
        """Return what plans are ordered by: within the grant, none starved, victims in need, cost."""
        tried = self._tried(one, years)
        dear = float(np.quantile(tried.cost, budget.confidence, method="inverted_cdf"))
        excess = max(dear - budget.grant, 0.0)  # GBP: falls with every step, where a share would stand still
        given = float(tried.given.mean(axis=0).min())
        value, cost = float(tried.supported.mean()), float(tried.cost.mean())
        return -excess, min(given, LEAST_GIVEN), value, -cost

    def _is_sound(self, one: Candidate, budget: Budget, years: Sequence[int]) -> bool:
        excess, given, *_ = self._rank(one, budget, years)
        return excess >= 0.0 and given >= LEAST_GIVEN

    def _is_nearly_sound(self, one: Candidate, budget: Budget, years: Sequence[int]) -> bool:
        tried = self._tried(one, years)
        within, given = (tried.cost <= budget.grant).mean(), tried.given.mean(axis=0).min()
        return bool(within >= budget.confidence - 2 * YEARS and given >= LEAST_GIVEN - 2 * GIVEN)

    def _best(self, one: Candidate, left: Sequence[Candidate], budget: Budget, years: Sequence[int]) -> Best:
        tried = [self._tried(each, years) for each in left]
        values = np.stack([each.supported for each in tried])
        paid = np.stack([each.cost <= budget.grant for each in tried])
        given = np.stack([each.given for each in tried])
        chosen = left.index(one)
        limits = Limits(budget.confidence, LEAST_GIVEN)
        margins = Margins(INDIFFERENCE * float(values[chosen].mean()), YEARS, GIVEN)
        correct, chances = best_correct(Trial(values, paid, given), chosen, limits, margins)
        levers, most = self.mixes[one.option].levers, self._balanced[one.option][1]
        held = zip(levers, one.mix, most, strict=True)
        at_edge = tuple(lever.name for lever, steps, edge in held if steps >= edge)
        filler = self.filler(one.option)
        is_spent = one.mix[filler] < most[filler]
        return Best(one, tuple(left), tuple(chances.tolist()), tuple(years), correct, at_edge, is_spent, ())

    def _tried(self, one: Candidate, years: Sequence[int]) -> Tried:
        return self.mixes[one.option].tried(one.mix, years)
