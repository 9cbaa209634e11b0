"""Uncertain inputs given observed totals: importance sampling on the exact engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.files import write_whole
from victimsmodel.inputs.draws import Points, check_seed, draw_points, input_digests
from victimsmodel.inputs.observed import ObservedTotal, load_observed, observed_findings
from victimsmodel.inputs.posterior_file import Posterior, posterior_columns, posterior_text
from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.pathway.arrays import Floats
from victimsmodel.pathway.capacity import Correction, corrected, fitted_correction, simulated_years
from victimsmodel.pathway.growth import check_growth
from victimsmodel.pathway.observing import linked, log_density, observed_data
from victimsmodel.pathway.predicting import Predictions, Predictor, predictor
from victimsmodel.pathway.proposals import Proposal, drawn, fitted, log_mixture, tempered
from victimsmodel.pathway.simulate import checked_options
from victimsmodel.pathway.weights import Weights, smoothed, systematic, weighted_quantiles

#: Effective draws that are enough: the 5 % quantile of an input is then known to 0.7 percentage points.
ENOUGH = 1_000

#: Effective draws below which a posterior is not written.
LEAST_WRITTEN = 50

_MOST_ROUNDS = 8
_LEAST_DRAWS, _MOST_DRAWS = 100, 100_000
_YEARS = 32  # simulated for the correction, at the prior and again at the posterior
_LEAST_YEARS, _MOST_YEARS = 8, 1_000
_ROWS = 1_000  # of a posterior file


@dataclass(frozen=True)
class Bank:
    """All draws so far, from the prior and then from proposals."""

    scores: Floats  # (n_draws, n_inputs) normal scores
    found: Predictions
    sizes: tuple[int, ...]  # draws of each round
    proposals: tuple[Proposal, ...]  # of the rounds after the first

    def longer(self, scores: Floats, found: Predictions, proposal: Proposal) -> Bank:
        """Return a bank with one more round."""
        return Bank(
            np.concatenate([self.scores, scores]),
            Predictions(*(np.concatenate(pair) for pair in zip(self.found, found, strict=True))),
            (*self.sizes, scores.shape[0]),
            (*self.proposals, proposal),
        )


@dataclass(frozen=True)
class Calibration:
    """Weighted draws of the inputs that observed totals inform.

    Its tables are made by `inputs` and `fit`; its words by `reporting.readable_calibration`.
    """

    predictor: Predictor
    bank: Bank
    weights: Weights
    correction: Correction | None
    rounds: pd.DataFrame  # round, draws, effective, pareto_k
    seed: int

    @property
    def observed(self) -> tuple[ObservedTotal, ...]:
        """The totals that were calibrated to."""
        return self.predictor.observed

    @property
    def is_enough(self) -> bool:
        """Whether there are as many effective draws as were aimed at, with a tail that can be trusted."""
        return self.weights.effective >= _aim(self.bank.sizes[0]) and self.weights.is_reliable

    @property
    def totals(self) -> Floats:
        """Predicted totals of every draw, shape (n_draws, n_observed), corrected for capacity if asked."""
        return corrected(self.predictor, self.bank.found, self.correction)

    @property
    def extra_sd(self) -> Floats:
        """Error of the predictions themselves, shape (n_observed,), log-odds or logarithm.

        Totals of the same thing in several periods share one error: taken for independent, it is widened
        by the root of their number, so that their mean is as uncertain as it is.
        """
        return _extra_sd(self.observed, self.correction)

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """Prior and posterior of every uncertain input; columns in `calibration_tables.inputs_table`."""
        from victimsmodel.pathway.calibration_tables import inputs_table

        return inputs_table(self)

    @cached_property
    def fit(self) -> pd.DataFrame:
        """Observed totals beside what was predicted; columns in `calibration_tables.fit_table`."""
        from victimsmodel.pathway.calibration_tables import fit_table

        return fit_table(self)

    def points(self, n_draws: int, seed: int) -> Points:
        """Return posterior draws as `draw_points` returns those of the prior.

        Calibrated inputs come jointly, by systematic resampling; all others are a Latin hypercube. A
        single draw puts every input at its (posterior) median.
        """
        others = draw_points(self.predictor.scenario, n_draws, seed)
        if n_draws == 1:
            scores = self.predictor.input_scores(self.bank.scores)
            own = self.predictor.input_points(weighted_quantiles(scores, self.weights.values, (0.5,)))
        else:
            generator = np.random.Generator(np.random.Philox(key=[seed, n_draws]))
            rows = generator.permutation(systematic(self.weights.values, n_draws, generator))
            own = self.predictor.points(self.bank.scores[rows])
        return others | {name: own[name] for name in self.predictor.names}

    def posterior(self, n_rows: int = _ROWS, file: str = "calibration") -> Posterior:
        """Return posterior draws as the table that a scenario holds as its ``posterior``.

        Rows stand in the order of the first principal component of the posterior's normal scores.
        """
        generator = np.random.Generator(np.random.Philox(key=[self.seed, n_rows]))
        scores = self.bank.scores[systematic(self.weights.values, n_rows, generator)]
        centred = scores - scores.mean(axis=0)
        first = np.linalg.eigh(centred.T @ centred)[1][:, -1]
        points = self.predictor.points(scores[np.argsort(centred @ first, kind="stable")])
        columns = {name: points[name] for name in self.predictor.names}
        digests = input_digests(self.predictor.scenario)
        return Posterior(file=file, columns=posterior_columns(columns, digests, self.observed))

    def write_posterior(self, path: str | Path, n_rows: int = _ROWS) -> None:
        """Write posterior draws as the CSV file that a scenario names as its ``posterior``.

        Raises
        ------
        InputError
            VM147 if the draws are worth so few that they are no sample of anything.
        """
        if self.weights.effective < LEAST_WRITTEN:
            worth = f"the draws are worth {self.weights.effective:.0f} independent ones"
            allowed = f"is not written: {worth}, at least {LEAST_WRITTEN} are needed"
            hint = "The totals contradict the inputs or each other; see the conflicts named above."
            raise input_error(str(path), allowed, "VM147", hint=hint)
        table = self.posterior(n_rows, Path(path).name)
        write_whole(Path(path), posterior_text(table).encode())

    def calibrated_scenario(self) -> Scenario:
        """Return the scenario with these posterior draws, for `simulate` and all that draws inputs."""
        return self.predictor.scenario.model_copy(update={"posterior": self.posterior()})


def calibrate(
    scenario: Scenario,
    option: str = BUSINESS_AS_USUAL,
    observed: Iterable[ObservedTotal] | str | Path | None = None,
    n_draws: int = 4_000,
    seed: int = 1,
    capacity_years: int = _YEARS,
) -> Calibration:
    """Update the uncertain inputs so that an option reproduces observed totals.

    Draws of the prior are weighted by the likelihood of the totals that the exact engine predicts from
    them. Where too few draws carry the weight, further rounds are drawn nearer to the posterior, and all
    rounds are weighted together, until there are `ENOUGH` effective draws (a quarter of `n_draws` if
    that is less) or eight rounds.

    Parameters
    ----------
    scenario : Scenario
        A posterior that it names is set aside: calibration starts from the stated estimates.
    option : str
        The option that the totals were observed of.
    observed : iterable of ObservedTotal, or path of a CSV file, optional
        Those of the scenario unless given.
    n_draws : int
        Draws of each round.
    seed : int
    capacity_years : int
        Correct the exact engine, which lets nobody wait, for the queues of the stated staff: by twice so
        many simulated years, at the prior and at the posterior. With 0 the totals are taken for those of
        a service with ample staff.

    Returns
    -------
    Calibration

    Raises
    ------
    InputError
        Without observed totals, for an unknown option, numbers out of range, groups (or, in a file,
        sources) that the scenario does not have, or queues that would grow without end (VM290).
    """
    rows = _checked(scenario, option, observed, n_draws, seed)
    if capacity_years != 0 and not _LEAST_YEARS <= capacity_years <= _MOST_YEARS:
        allowed = f"must be 0, or from {_LEAST_YEARS} to {_MOST_YEARS:,}"
        raise input_error("calibrate", allowed, "VM143", field="capacity_years", value=str(capacity_years))
    if capacity_years:
        check_growth(scenario, [option])
    own = predictor(scenario, option, rows, with_load=capacity_years > 0)
    if not own.names:
        allowed = "must depend on an uncertain input; these depend on none"
        raise input_error("calibrate", allowed, "VM143", field="observed")
    scores = own.first_scores(n_draws, seed)
    bank = Bank(scores, own(scores), (n_draws,), ())
    if capacity_years == 0:
        return _sampled(own, bank, None, seed, [])
    generator = np.random.Generator(np.random.Philox(key=[seed, capacity_years]))
    years = simulated_years(own, scores[generator.permutation(n_draws)[:capacity_years]], seed)
    first = _sampled(own, bank, fitted_correction(years), seed, [])
    nearer = first.bank.scores[systematic(first.weights.values, capacity_years, generator)]
    correction = fitted_correction(years.joined(simulated_years(own, nearer, seed + 1)))
    return _sampled(own, first.bank, correction, seed, first.rounds.to_dict("records"))


def _sampled(
    own: Predictor, bank: Bank, correction: Correction | None, seed: int, looks: list[dict[str, float]]
) -> Calibration:
    """Add rounds to a bank until it holds enough effective draws."""
    looks = list(looks)
    while True:
        likelihood = _log_likelihood(own, bank, correction)
        log_weights = likelihood - log_mixture(bank.proposals, bank.sizes, bank.scores)
        weights = smoothed(log_weights)
        n_rounds, n_draws = len(bank.sizes), bank.sizes[0]
        looks.append(
            {
                "round": n_rounds,
                "draws": sum(bank.sizes),
                "effective": weights.effective,
                "pareto_k": weights.pareto_k,
            }
        )
        found = Calibration(own, bank, weights, correction, pd.DataFrame(looks), seed)
        if found.is_enough or n_rounds == _MOST_ROUNDS:
            return found
        links = linked(own.observed, found.totals)
        least = min(n_draws / 10, 20.0 * len(own.observed))
        proposal = fitted(bank.scores, links, tempered(log_weights, likelihood, least))
        generator = np.random.Generator(np.random.Philox(key=[seed, n_rounds]))
        scores = drawn(proposal, n_draws, generator)
        bank = bank.longer(scores, own(scores), proposal)


def _log_likelihood(own: Predictor, bank: Bank, correction: Correction | None) -> Floats:
    totals, data = corrected(own, bank.found, correction), observed_data(own.observed)
    extra = _extra_sd(own.observed, correction)
    terms = [log_density(row, totals[:, i], data[i], extra[i]) for i, row in enumerate(own.observed)]
    return np.asarray(np.sum(terms, axis=0))


def _extra_sd(observed: tuple[ObservedTotal, ...], correction: Correction | None) -> Floats:
    if correction is None:
        return np.zeros(len(observed))
    kinds = [(row.stage, row.of, row.who, row.group) for row in observed]
    return np.sqrt([kinds.count(kind) for kind in kinds]) * correction.residual_sd


def _aim(n_draws: int) -> float:
    return min(ENOUGH, n_draws / 4)


def _checked(
    scenario: Scenario,
    option: str,
    observed: Iterable[ObservedTotal] | str | Path | None,
    n_draws: int,
    seed: int,
) -> tuple[ObservedTotal, ...]:
    """Return the observed totals; refuse what cannot be calibrated."""
    checked_options(scenario, [option])
    check_seed(seed)
    if not _LEAST_DRAWS <= n_draws <= _MOST_DRAWS:
        allowed = f"must be from {_LEAST_DRAWS} to {_MOST_DRAWS:,}"
        raise input_error("calibrate", allowed, "VM143", field="n_draws", value=str(n_draws))
    given = scenario.observed if observed is None else observed
    if isinstance(given, (str, Path)):
        rows = load_observed(Path(given), scenario)
    else:
        rows = tuple(given)
        found = observed_findings(rows, scenario.groups, [row.source for row in rows])  # made by the caller
        if problems := [
            Problem("calibrate", f"{name}[{i}].{field}", *rest) for (name, i, field), *rest in found
        ]:
            raise InputError(problems)
    if not rows:
        hint = "State them in the scenario under observed, or give a CSV file."
        raise input_error("calibrate", "must hold a total", "VM143", field="observed", hint=hint)
    return rows
