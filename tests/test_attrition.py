"""Estimates from contact logs, against published values, closed forms and invented logs with known truth."""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import betaln

import victimsmodel as vm
from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.inputs.quality.findings import as_table
from victimsmodel.inputs.service import CHANNELS
from victimsmodel.pathway.cells import beta_cells
from victimsmodel.pathway.contact_fit import attempts_of_model, fit_contact_log, time_windows
from victimsmodel.pathway.contact_model import Attempts, ContactModel, Parameter
from victimsmodel.pathway.hazard import fit_hazard, standardised
from victimsmodel.pathway.heterogeneity import fit_contact, profile_intervals
from victimsmodel.pathway.log_shares import reply_table
from victimsmodel.pathway.reach_hazard import estimate_reach

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from attrition_logs import HazardTruth, Truth, draw_hazard_log, draw_log

PHONE = (Parameter("reach", "phone"), Parameter("heterogeneity", "phone"))
MIXED = Truth(
    {"phone": 0.42, "text": 0.15, "letter": 0.03},
    {"phone": 0.2, "text": 0.2, "letter": 0.2},
    (("phone", 0, 0.3), ("text", 0, 0), ("phone", 1, 0.3), ("phone", 2, 0.3), ("letter", 1, 0)),
    evening=1.7,
    fade_days=60,
    reply_days=2.0,
    first_days=(1, 2, 5, 10, 20),
)


@pytest.fixture(scope="module")
def mixed():
    log = draw_log(MIXED, 700, np.random.default_rng(5))
    return log, vm.estimate_attrition(log)


def calls(succeeded_at, never, n_calls):
    """Return attempts at victims reached at call 1, 2 ..., and at those not reached after the last."""
    reached = np.repeat(np.arange(1, len(succeeded_at) + 1), succeeded_at)
    lengths = np.concatenate([reached, np.full(never, n_calls)])
    victim = np.repeat(np.arange(len(lengths)), lengths)
    is_last = np.append(victim[1:] != victim[:-1], True)
    is_reached = is_last & (victim < sum(succeeded_at))
    zero = np.zeros(len(victim), np.int64)
    return Attempts(victim, zero, zero, zero, is_reached, zero - 1, ("phone",), ("",))


# The contact model


def test_maximum_likelihood_agrees_with_fader_and_hardie_2007():
    # "How to Project Customer Retention", Journal of Interactive Marketing 21, 76-90: the beta-geometric
    # with right censoring. Of 1,000 High End customers so many are left after each of 7 years; they print
    # alpha 0.668 and beta 3.806.
    left = np.array([1000, 869, 743, 653, 593, 551, 517, 491])
    model = ContactModel(calls(-np.diff(left), left[-1], 7), PHONE)
    mean, correlation = fit_contact(model).most_likely
    total = 1 / correlation - 1
    assert mean * total == pytest.approx(0.668, abs=1e-3)
    assert (1 - mean) * total == pytest.approx(
        3.806, abs=1e-2
    )  # cells of equal probability, not the integral


def test_likelihood_and_information_agree_with_the_beta_geometric():
    attempts = calls([40, 25, 12, 8], 30, 4)
    model = ContactModel(attempts, PHONE)

    def exact(theta):
        total = 1 / theta[1] - 1
        a, b = theta[0] * total, (1 - theta[0]) * total
        n = np.bincount(attempts.victim)
        success = np.bincount(attempts.victim, attempts.is_reached)
        return (betaln(a + success, b + n - success) - betaln(a, b)).sum()

    theta = np.array([0.4, 0.25])
    height, gradient = model.total(theta)
    assert height == pytest.approx(exact(theta), abs=1e-3)
    steps = 1e-4 * np.eye(2)
    differences = [(exact(theta + s) - exact(theta - s)) / 2e-4 for s in steps]
    assert gradient == pytest.approx(differences, rel=1e-3)
    curvature = np.empty((2, 2))
    for (i, s), (j, t) in product(enumerate(30 * steps), repeat=2):
        corners = (exact(theta + s + t), exact(theta + s - t), exact(theta - s + t), exact(theta - s - t))
        curvature[i, j] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * 0.003**2)
    assert model.information(theta) == pytest.approx(-curvature, rel=1e-3)


def test_scores_are_the_slopes_of_the_likelihood_for_every_kind_of_parameter(mixed):
    log, _ = mixed
    fitted = fit_contact_log(log, None).fitted
    kinds = [parameter.kind for parameter in fitted.parameters]
    assert set(kinds) == {"reach", "heterogeneity", "window", "fade", "reply"}
    table = log.attempts[log.attempts["channel"] != "letter"]
    model = ContactModel(attempts_of_model(table, time_windows(table)), fitted.parameters)
    theta = fitted.value * 1.05
    gradient = model.total(theta)[1]
    for k, step in enumerate(1e-4 * np.abs(theta)):
        moved = [model.total(theta + sign * step * np.eye(len(theta))[k])[0] for sign in (1, -1)]
        assert gradient[k] == pytest.approx((moved[0] - moved[1]) / 2 / step, rel=5e-3, abs=0.05)


def test_two_channels_share_one_reachability():
    # P(call fails, text succeeds) = E[(1 - Q_phone(u)) Q_text(u)], on the cells that the kernel uses
    attempts = Attempts(
        victim=np.array([0, 0]),
        channel=np.array([0, 1]),
        window=np.zeros(2, np.int64),
        days=np.zeros(2, np.int64),
        is_reached=np.array([False, True]),
        lag=np.full(2, -1),
        channels=("phone", "text"),
        windows=("",),
    )
    parameters = (
        Parameter("reach", "phone"),
        Parameter("reach", "text"),
        Parameter("heterogeneity", "phone+text"),
    )
    found = ContactModel(attempts, parameters).total(np.array([0.4, 0.1, 0.3]))[0]
    assert np.exp(found) == pytest.approx(
        ((1 - beta_cells(0.4, 0.3)) * beta_cells(0.1, 0.3)).mean(), rel=1e-9
    )
    assert np.exp(found) < 0.6 * 0.1  # who does not answer calls answers texts less


def test_without_heterogeneity_the_interval_begins_at_its_least_value():
    attempts = calls([500, 250, 125], 125, 3)  # one half of those left, each time
    model = ContactModel(attempts, PHONE)
    fitted = fit_contact(model)
    assert fitted.most_likely[1] < 0.01
    (low, high), (low_95, high_95) = profile_intervals(model, fitted, 1, (0.9, 0.95))
    assert low == low_95 == 1e-3
    assert fitted.most_likely[1] < high < high_95 < 0.15


def test_profile_interval_ends_where_the_likelihood_ratio_test_ends():
    attempts = calls([80, 40, 20, 12], 90, 4)
    model = ContactModel(attempts, PHONE)
    fitted = fit_contact(model)
    (low, high), _ = profile_intervals(model, fitted, 1, (0.9, 0.95))
    for end in (low, high):
        heights = [
            model.total(np.array([reach, end]))[0]
            for reach in fitted.most_likely[0] + np.linspace(-0.06, 0.06, 61)
        ]
        assert 2 * (fitted.loglik - max(heights)) == pytest.approx(1.6448536**2, rel=0.02)


# The hazard


def test_logistic_regression_agrees_with_r():
    # Hosmer and Lemeshow's low birth weight data; coefficients of R's glm as statsmodels' own tests hold them
    from statsmodels.genmod.tests.results.results_glm import Lbw

    published = Lbw()
    design = pd.DataFrame(np.asarray(published.exog, dtype=float), columns=[str(i) for i in range(9)])
    fit = fit_hazard(design, np.asarray(published.endog) == 1, np.arange(189), reduce_bias=False)
    assert fit.coefficients == pytest.approx(published.params, abs=5e-8)  # the digits printed


@pytest.mark.parametrize("link", ["logit", "cloglog"])
def test_errors_by_victim_agree_with_statsmodels(link):
    import statsmodels.api as sm

    generator = np.random.default_rng(2)
    design = pd.DataFrame({"level": 1.0, "x": generator.normal(size=400), "g": generator.integers(0, 2, 400)})
    is_reached = generator.random(400) < 0.4
    victim = np.repeat(np.arange(160), 4)[:400] // 2
    fit = fit_hazard(design, is_reached, victim, link, reduce_bias=False)
    links = {"logit": sm.families.links.Logit(), "cloglog": sm.families.links.CLogLog()}
    other = sm.GLM(is_reached.astype(float), design, family=sm.families.Binomial(links[link])).fit(
        cov_type="cluster", cov_kwds={"groups": victim}, tol=1e-12
    )
    assert fit.coefficients == pytest.approx(other.params.to_numpy(), abs=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(other.bse.to_numpy(), rel=1e-4)


def test_bias_reduction_of_a_saturated_logit_adds_one_half_to_every_cell():
    # Firth (1993), section 3: with the Jeffreys prior, log-odds are those of counts plus 1/2
    design = pd.DataFrame({"level": np.ones(20), "g": np.repeat([0.0, 1.0], [12, 8])})
    is_reached = np.repeat([True, False, True], [5, 7, 8])  # all of the second group: perfect prediction
    fit = fit_hazard(design, is_reached, np.arange(20))
    first, second = np.log(5.5 / 7.5), np.log(8.5 / 0.5)
    assert fit.coefficients == pytest.approx([first, second - first], abs=1e-7)
    assert fit.separated == ("g",)


def test_columns_that_others_determine_are_left_out():
    design = pd.DataFrame({"level": np.ones(40), "a": np.arange(40) % 2, "b": 1 - np.arange(40) % 2})
    fit = fit_hazard(design, np.arange(40) % 3 == 0, np.arange(40))
    assert (fit.names, fit.aliased) == (("level", "a"), ("b",))


def test_the_only_level_standardises_to_the_share_reached():
    design = pd.DataFrame({"level": np.ones(50)})
    fit = fit_hazard(design, np.arange(50) < 20, np.arange(50), reduce_bias=False)
    mean, se = standardised(fit, design)
    assert mean == pytest.approx(0.4)
    assert se == pytest.approx(np.sqrt(1 / (50 * 0.4 * 0.6) * 50 / 49 * 49 / 49), rel=1e-6)


# From a log to estimates


def test_estimates_lie_where_the_log_was_drawn_from(mixed):
    _, found = mixed
    rows = found.table.set_index("name")
    truth = {
        "contact.channels.phone.reach": 0.42,
        "contact.channels.text.reach": 0.15,
        "contact.channels.phone.heterogeneity": 0.2,
        "contact.windows.evening": 1.7,
        "contact.channels.text.reply_days": 2.0,
    }
    for name, value in truth.items():  # 5 standard errors
        assert abs(rows.loc[name, "value"] - value) < 5 * rows.loc[name, "se"]
        assert (
            rows.loc[name, "low_95"]
            < rows.loc[name, "low"]
            < rows.loc[name, "value"]
            < rows.loc[name, "high"]
        )
    rate = rows.loc["contact.fade_days"]
    assert rate["low_95"] < 60 < rate["high_95"]
    assert (
        rows.loc["contact.channels.text.reach", "naive"] < 0.08
    )  # repetition and lost replies hide the half


def test_covariance_is_the_correlation_between_the_widths_of_the_intervals(mixed):
    _, found = mixed
    assert np.linalg.eigvalsh(found.covariance)[0] > -1e-9
    spread = np.sqrt(np.diag(found.covariance))
    assert found.covariance.to_numpy() / np.outer(spread, spread) == pytest.approx(
        found.correlation.to_numpy()
    )
    row = found.table.set_index("name").loc["contact.channels.phone.reach"]
    width = np.log(row["high"] / (1 - row["high"])) - np.log(row["low"] / (1 - row["low"]))
    assert spread[0] == pytest.approx(width / (2 * 1.6448536))


def test_hazard_finds_the_effects_that_attempts_were_drawn_from():
    truth = HazardTruth(-0.2, -1.2, (-0.3, -0.5, -0.6), 0.5, -0.3, 0.3, 4)
    rows = estimate_reach(draw_hazard_log(truth, 3000, np.random.default_rng(7))).coefficients.set_index(
        "name"
    )
    expected = {
        "channel: text": -1.2,
        "attempt: 3": -0.5,
        "time: evening": 0.5,
        "days since (per 10)": -0.3,
        "group: enhanced": 0.3,
    }
    for name, value in expected.items():
        assert abs(rows.loc[name, "value"] - value) < 5 * rows.loc[name, "se"]


def test_what_a_log_cannot_tell_is_said_and_never_breaks_it(mixed):
    log, found = mixed
    checks = set(found.findings["check"])
    assert {"small_cell", "stopping"} <= checks
    letter = found.table.set_index("name").loc["contact.channels.letter.reach"]
    assert "all attempts taken as alike" in letter["note"]
    once = log.attempts[log.attempts["attempt"] == 1].reset_index(drop=True)
    alone = vm.estimate_attrition(ContactLog(once, as_table([]), "crime", "first attempts"))
    assert "no_repetition" in set(alone.findings["check"])
    assert np.isfinite(alone.table[["value", "low"]].to_numpy()).all()


def test_perfect_prediction_gives_finite_estimates():
    log = draw_log(MIXED, 300, np.random.default_rng(8))
    table = log.attempts.copy()
    table["group"] = pd.Categorical(np.where(table["is_reached"], "reached", "not"))
    found = estimate_reach(ContactLog(table, as_table([]), "crime", "separated"))
    assert "group: reached" in found.fit.separated
    assert "separation" in {finding.check for finding in found.findings}
    assert np.abs(found.coefficients["value"]).max() < 30


def test_a_tiny_log_is_estimated_with_wide_intervals():
    table = pd.DataFrame(
        {
            "victim": [0, 0, 1],
            "attempt": [1, 2, 1],
            "group": pd.Categorical(["all"] * 3),
            "channel": pd.Categorical(["phone"] * 3, categories=list(CHANNELS)),
            "day": [1, 2, 3],
            "hour": np.nan,
            "minutes": np.nan,
            "consent": np.nan,
            "accepted": np.nan,
            "reply_days": np.nan,
            "days": np.nan,
            "is_reached": [False, True, False],
            "waited_days": 0,
        }
    )
    found = vm.estimate_attrition(ContactLog(table, as_table([]), "", "tiny"))
    row = found.table.iloc[0]
    assert (row["naive"], row["low"] < 0.1, row["high"] > 0.7) == (1 / 3, True, True)


def test_delays_of_replies_are_freed_from_what_the_end_of_the_log_cuts_off():
    generator = np.random.default_rng(3)
    truth = Truth({"letter": 0.5}, {"letter": 0.01}, (("letter", 0, 0.0),), reply_days=20.0)
    log = draw_log(truth, 4000, generator)
    cut = log.attempts["day"].min() + 60
    table = log.attempts[log.attempts["day"] < cut].copy()
    late = table["day"] + table["reply_days"] > cut
    table.loc[late, "is_reached"] = False
    table.loc[late, "reply_days"] = np.nan
    table["waited_days"] = np.where(table["is_reached"], table["reply_days"], cut - table["day"])
    found = reply_table(table)
    by_10 = found[found["days"] <= 10].iloc[-1]
    exact = (1 - 0.95**10) / (1 - 0.95**60)  # of those that come within 60 days
    se = np.sqrt(exact * (1 - exact) / found["replies"].sum())
    assert abs(by_10["share"] - exact) < 5 * 1.5 * se
    assert by_10["naive"] - exact > 5 * se


@pytest.mark.long
def test_intervals_cover_and_estimates_are_unbiased():
    truth = Truth({"phone": 0.42}, {"phone": 0.2}, (("phone", 0, 0.0), *[("phone", 1, 0.0)] * 3))
    found = []
    for i in range(100):
        rows = fit_contact_log(draw_log(truth, 300, np.random.default_rng([1, i])), None).rows
        found.append([(row.value, row.low_95, row.high_95) for row in rows])
    values = np.array(found)
    for k, exact in enumerate((0.42, 0.2)):
        own = values[:, k]
        assert abs(own[:, 0].mean() - exact) < 5 * own[:, 0].std() / 10
        assert ((own[:, 1] <= exact) & (exact <= own[:, 2])).mean() > 0.95 - 5 * np.sqrt(0.95 * 0.05 / 100)


def test_the_figure_of_reach_states_the_first_attempt_beside_the_plain_share(mixed):
    _, found = mixed
    figure = vm.plot_reach(found, "Invented log.")
    row = found.table.set_index("name").loc["contact.channels.phone.reach"]
    title = " ".join(figure.get_suptitle().split())
    assert title.startswith(f"A first call reaches {row['value']:.0%}")
    assert title.endswith(f"would say {row['naive']:.0%}")
    assert [ax.get_title(loc="left").split(",")[0] for ax in figure.axes] == ["Phone", "Text"]


def test_mean_minutes_by_channel_are_those_written_in_the_log(tmp_path):
    rows = ["victim_id,channel,date,outcome,minutes"]
    for i in range(90):
        day, is_reached = 1 + i % 7, i % 3 == 0
        rows.append(f"V{i},phone,2026-04-0{day},{'reached' if i % 5 == 0 else 'no answer'},{2 + i % 5}")
        if i % 5:
            rows.append(f"V{i},phone,2026-04-1{day},{'reached,12' if is_reached else 'no answer,3'}")
        rows.append(f"W{i},text,2026-04-0{day},{'replied' if is_reached else 'no answer'},{1 + i % 2}")
    path = tmp_path / "log.csv"
    path.write_text("\n".join(rows) + "\n")
    found = vm.estimate_attrition(vm.load_contact_log(path)).table.set_index("name")
    fields = ("phone.minutes_reached", "phone.minutes_attempt", "text.minutes_attempt")
    minutes = found.loc[[f"contact.channels.{field}" for field in fields]]
    # Of 90 first calls 18 reach (2 minutes); of the 72 others 24 are reached by the second call (12 minutes).
    expected = [(18 * 2 + 24 * 12) / 42, (72 * 4.5 + 48 * 3) / 120, 1.5]
    assert list(minutes["value"]) == pytest.approx(expected)
    assert list(minutes["n_attempts"]) == [42, 120, 90]
    assert list(minutes["n_victims"]) == [42, 72, 90]


def written_log(folder, outcomes):
    """Return a log in which victim after victim has these outcomes of calls, 1 for an answer."""
    rows = [
        f"V{i:04d},phone,2019-05-{1 + i % 14 + a:02d} 10:00,{'answered' if reached else 'no answer'}"
        for i, own in enumerate(outcomes)
        for a, reached in enumerate(own)
    ]
    path = folder / "log.csv"
    path.write_text("\n".join(["victim_id,channel,date,outcome", *rows]))
    return vm.load_contact_log(path)


@pytest.mark.parametrize("link", ["logit", "cloglog"])
@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ([[0, 1], [0, 0, 1]] * 30, "attempt: 2 predicts the outcome perfectly"),
        ([[0, 1]] * 60, "Attempt 2: all 60 succeeded, so that its number predicts the outcome perfectly"),
        ([[1]] * 60, "With all else as usual every attempt ends alike"),
        ([[0, 0]] * 60, "With all else as usual every attempt ends alike"),
    ],
)
def test_a_perfect_prediction_is_said_and_its_error_is_finite_and_wide(tmp_path, outcomes, words, link):
    found = vm.estimate_attrition(written_log(tmp_path, outcomes), link=link)
    assert found.findings["detail"].str.startswith(words).any()
    assert found.findings.loc[found.findings["detail"].str.startswith(words), "check"].eq("separation").all()
    errors = found.reach.coefficients["se"]
    assert np.isfinite(errors).all()
    # Firth's estimate of a share of 0 in n has the information of half a case: a standard error of 1.4
    separated = found.reach.fit.separated
    assert all(errors[found.reach.coefficients["name"].isin(separated)] > 0.3)


def test_the_error_of_a_share_of_nought_is_that_of_half_a_case():
    # Firth's penalty is Jeffreys' prior: (0 + 1/2) of (60 + 1); the log-odds have information n p (1 - p).
    design = pd.DataFrame({"level": np.ones(60)})
    fit = fit_hazard(design, np.zeros(60, dtype=bool), np.arange(60))
    p = 0.5 / 61
    assert fit.separated == ("level",)
    assert fit.coefficients[0] == pytest.approx(np.log(p / (1 - p)), rel=1e-6)
    assert fit.covariance[0, 0] == pytest.approx(1 / (60 * p * (1 - p)), rel=1e-6)


def test_estimates_print_as_a_table_with_what_cannot_be_told(mixed):
    shown = repr(mixed[1])
    assert shown.startswith("Estimates from the contact log ")
    assert "contact.channels.phone.reach" in shown
    assert "90 % interval" in shown
    assert max(len(line) for line in shown.splitlines()) < 140


def test_later_attempts_that_all_fail_leave_heterogeneity_at_its_bound_and_no_error(tmp_path):
    found = vm.estimate_attrition(written_log(tmp_path, [[1]] * 26 + [[0, 0]] * 14))
    rows = found.table.set_index("name")
    assert rows.loc["contact.channels.phone.heterogeneity", "high"] == pytest.approx(0.9)
    assert np.isfinite(rows[["value", "low", "high"]]).all(axis=None)
