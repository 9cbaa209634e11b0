"""Facts of borrowing: published examples, a second integration, limits, and what users are told."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import betaln

import victimsmodel as vm
from victimsmodel.errors import InputError
from victimsmodel.inputs.quantities import Estimate
from victimsmodel.inputs.strict_yaml import plain, read_yaml
from victimsmodel.pathway.between_services import Prior, between_services, share_of_one

# Tumours in 71 groups of rats: Tarone (1982), as printed in Gelman and others, Bayesian Data Analysis,
# 3rd edition, table 5.1; as read in pymc-devs/pymc-resources, BDA3/data/rat_tumor_data.txt.
RATS = """0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19
1/18 1/18 3/27 2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 2/17 7/49 7/47 3/20 3/20
2/13 9/48 10/50 4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23
5/19 6/22 6/20 6/20 6/20 16/52 15/46 15/47 9/24 4/14"""
#: Their prior, (alpha + beta)^(-5/2), is flat in the mean and rho^(-1/2) (1 - rho)^(-3/2) in rho.
BDA_PRIOR = Prior(mean=(1.0, 1.0), rho=(0.5, -0.5))


@pytest.fixture(scope="module")
def evidence():
    return vm.load_evidence()


@pytest.fixture(scope="module")
def rats():
    return np.array([[int(n) for n in group.split("/")] for group in RATS.split()]).T


def test_the_rat_tumours_give_the_published_posterior_means(rats):
    assert rats.shape == (2, 71)
    between = between_services(*rats, BDA_PRIOR)
    alpha = between.weight @ (between.mean * between.concentration)
    beta = between.weight @ ((1 - between.mean) * between.concentration)
    assert (round(alpha, 1), round(beta, 1)) == (2.4, 14.3)  # BDA3, section 5.3


def test_the_rat_tumours_give_the_published_mode(rats):
    between = between_services(*rats, BDA_PRIOR)
    # What PyMC's example prints: log(alpha / beta) = -1.79 and log(alpha + beta) = 2.74 at the mode of their
    # joint density, which is that of our points up to the distance between them.
    ratio, size = np.log(between.mean / (1 - between.mean)), np.log(between.concentration)
    alpha, beta = between.mean * between.concentration, (1 - between.mean) * between.concentration
    log_density = (
        sum(betaln(alpha + y, beta + n - y) - betaln(alpha, beta) for y, n in rats.T)
        - 2.5 * size
        + np.log(between.mean * (1 - between.mean))
        + 2 * size
    )
    best = np.argmax(log_density)
    assert ratio[best] == pytest.approx(-1.79, abs=0.05)
    assert size[best] == pytest.approx(2.74, abs=0.08)  # half a step of our grid is 0.075


@pytest.mark.parametrize(
    ("events", "trials"),
    [([31], [37]), ([4, 14], [85, 118]), ([0, 3, 9], [16, 20, 31]), ([40, 8, 19], [41, 60, 20])],
)
def test_the_share_in_a_new_area_agrees_with_adaptive_quadrature(events, trials):
    def joint(m, rho):
        k = 1 / rho - 1
        log_likelihood = sum(
            betaln(m * k + y, (1 - m) * k + n - y) - betaln(m * k, (1 - m) * k)
            for y, n in zip(events, trials, strict=True)
        )
        return np.exp(log_likelihood) * stats.beta.pdf(m, 0.5, 0.5) * stats.beta.pdf(rho, 1, 9)

    def integral(of):
        def inner(angle, rho):
            m = np.sin(angle) ** 2
            return joint(m, rho) * of(m, 1 / rho - 1) * 2 * np.sin(angle) * np.cos(angle)

        return integrate.dblquad(inner, 1e-7, 1 - 1e-7, 1e-6, np.pi / 2 - 1e-6, epsrel=1e-5)[0]

    whole = integral(lambda m, k: 1.0)
    mean = integral(lambda m, k: m) / whole
    variance = integral(lambda m, k: m * (1 - m) / (k + 1) + m**2) / whole - mean**2
    found = share_of_one(between_services(events, trials)).moments
    assert found == pytest.approx((mean, variance), rel=2e-4)


def test_large_services_are_resolved_as_finely_as_small_ones():
    events, trials = np.array([9, 20_000]), np.array([85, 259_000])
    # A second grid: log-odds of the mean, one thousandth of a standard error of the large service apart.
    x = np.concatenate(
        [np.linspace(-6, -2.6, 800), np.linspace(-2.6, -2.36, 2000), np.linspace(-2.36, 3, 800)]
    )
    z = np.linspace(-3, 14, 300)
    m, k = 1 / (1 + np.exp(-x))[:, None], np.exp(z)[None, :]
    log = 0.5 * np.log(m * (1 - m)) - np.log1p(k) + 9 * (np.log(k) - np.log1p(k))
    for y, n in zip(events, trials, strict=True):
        log = log + betaln(m * k + y, (1 - m) * k + n - y) - betaln(m * k, (1 - m) * k)
    weight = np.exp(log - log.max()) * np.gradient(x)[:, None]
    weight /= weight.sum()
    mean = (weight * m).sum()
    variance = (weight * (m * (1 - m) / (k + 1) + m**2)).sum() - mean**2
    found = share_of_one(between_services(events, trials)).moments
    assert found == pytest.approx((mean, variance), rel=2e-3)


def test_services_known_to_be_alike_are_pooled():
    alike = Prior(rho=(1.0, 1e6))
    new = share_of_one(between_services([4, 14], [85, 118], alike))
    pooled = stats.beta(18.5, 185.5)
    for probability in (0.05, 0.5, 0.95):
        assert new.quantile(probability, 1e-9) == pytest.approx(pooled.ppf(probability), rel=2e-3)


def test_services_known_to_be_nothing_alike_lend_nothing():
    unlike = Prior(rho=(60.0, 1.0))
    between = between_services([4, 14, 40], [85, 118, 80], unlike)
    assert between.borrowed_share(80) < 0.001
    assert share_of_one(between, 40, 80).moments[0] == pytest.approx(0.5, abs=0.001)


def test_the_order_of_services_does_not_matter():
    one, other = (
        share_of_one(between_services(*data)) for data in (([4, 14], [85, 118]), ([14, 4], [118, 85]))
    )
    assert one.moments == pytest.approx(other.moments, rel=1e-12)


@pytest.mark.long
def test_the_share_in_a_new_area_is_calibrated_under_the_prior():
    # Simulation-based calibration: drawn from the prior, the new service's rank is uniform.
    random = np.random.default_rng(5)
    ranks = []
    for _ in range(600):
        rho = random.beta(1, 9)
        m, k = random.beta(0.5, 0.5), 1 / rho - 1
        shares = random.beta(max(m * k, 1e-9), max((1 - m) * k, 1e-9), size=5)
        trials = random.integers(10, 3000, size=4)
        events = random.binomial(trials, shares[:4])
        new = share_of_one(between_services(events, trials))
        low, high = new.cdf(max(shares[4] - 1e-9, 0)), new.cdf(min(shares[4] + 1e-9, 1))
        ranks.append(random.uniform(low, high) if high > low else high)
    counts = np.histogram(ranks, bins=10, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > 1e-4


def test_phone_reach_of_durham_is_the_jeffreys_posterior(evidence):
    found = vm.borrow("reach.phone", evidence=evidence)
    own = found.service("Victim Support, Durham referrals")
    jeffreys = stats.beta(31.5, 6.5)
    assert (own.events, own.trials, own.source) == (31, 37, "durham_2014")
    for probability in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert own.quantile(probability) == pytest.approx(jeffreys.ppf(probability), rel=1e-12)
    row = found.services.iloc[0]
    assert row[["shrunk_low", "shrunk", "shrunk_high"]].tolist() == pytest.approx(
        jeffreys.ppf([0.05, 0.5, 0.95])
    )


def width(estimate):
    low, high = estimate.interval
    return high - low


@pytest.mark.parametrize(
    ("quantity", "regime"),
    [
        ("reach.phone", None),
        ("unsafe", None),
        ("supported_of_referred", "automatic_transfer"),
        ("supported_of_referred", "needs_flagged"),
    ],
)
def test_a_new_area_is_less_certain_than_the_mean_and_than_any_service(quantity, regime, evidence):
    definition = "enhanced" if regime else None
    found = vm.borrow(quantity, regime=regime, definition=definition, evidence=evidence)
    assert width(found.new_area) > width(found.pooled)
    assert width(found.new_area) > (found.services["high"] - found.services["low"]).max()


def test_eighty_own_cases_borrow_strength_and_eight_thousand_do_not(evidence):
    few, many = (
        vm.borrow("contacted_of_referred", regime="automatic_transfer", own=own, evidence=evidence)
        for own in ((40, 80), (4000, 8000))
    )
    assert few.borrowed_share > 0.15
    assert 0.40 < few.own.median < 0.49  # drawn from 0.50 towards the others' 0.43
    assert width(few.own) < np.diff(stats.beta(40.5, 40.5).ppf([0.05, 0.95]))[0]
    assert many.borrowed_share < 0.01
    assert many.own.interval == pytest.approx(stats.beta(4000.5, 4000.5).ppf([0.05, 0.95]), abs=5e-4)
    assert few.effective_cases == pytest.approx(80 * few.borrowed_share / (1 - few.borrowed_share))


def test_the_posterior_mean_is_the_weighted_mean_of_own_share_and_others(evidence):
    # Given mean m and concentration k it is (k m + y) / (k + n): the weight k / (k + n) is what is borrowed.
    found = between_services([31, 2392, 40], [85, 5093, 80])
    k, m = found.concentration, found.mean
    mean = share_of_one(found, 40, 80).moments[0]
    assert mean == pytest.approx(found.weight @ ((k * m + 40) / (k + 80)), rel=1e-12)


def test_own_cases_far_from_all_others_are_said_to_contradict_them(evidence):
    ask = {"regime": "needs_flagged", "definition": "enhanced", "evidence": evidence}
    far, near = (vm.borrow("supported_of_referred", own=own, **ask) for own in ((950, 1000), (25, 100)))
    assert far.contradicts
    assert far.sentence.endswith("The own cases contradict the published figures.")
    assert not near.contradicts


def test_automatic_transfer_loses_nine_in_ten_and_needs_flagged_referral_fewer(evidence):
    automatic, flagged = (
        vm.borrow("supported_of_referred", regime=regime, definition="enhanced", evidence=evidence)
        for regime in ("automatic_transfer", "needs_flagged")
    )
    assert 1 - automatic.pooled.median == pytest.approx(0.90, abs=0.02)
    assert ((1 - flagged.services["share"]).round(2).between(0.65, 0.85)).all()
    assert len(automatic.rows) == 2
    assert len(flagged.rows) == 3


def test_rows_of_one_service_are_added_up(evidence):
    found = vm.borrow("attempted_of_referred", regime="unclear", evidence=evidence)
    assert found.services[["events", "trials"]].to_numpy().tolist() == [[798 + 2967, 800 + 3000]]


@pytest.mark.parametrize(
    ("quantity", "choices", "message"),
    [
        ("unsafee", {}, "Did you mean unsafe? [VM103]"),
        (
            "supported_of_contacted",
            {},
            "borrow: regime: must be one of automatic_transfer (2 figures), unclear (3 figures). [VM105]\n"
            "borrow: definition: must be one of spoken/enhanced (2 figures), spoken/any_help (1 figure), "
            "offered/enhanced (1 figure), unclear/enhanced (1 figure). [VM104]",
        ),
        (
            "supported_of_contacted",
            {"regime": "automatic_transfr", "definition": "spoken"},
            "borrow: regime = automatic_transfr: must be one of automatic_transfer (2 figures), unclear "
            "(3 figures). Did you mean automatic_transfer? [VM105]\n"
            "borrow: definition = spoken: must be one of spoken/enhanced (2 figures), spoken/any_help "
            "(1 figure), offered/enhanced (1 figure), unclear/enhanced (1 figure). [VM104]",
        ),
        (
            "contacted_of_known_incidents",
            {},
            "borrow: quantity = contacted_of_known_incidents: has no figure that can be pooled: index "
            "numbers, or cases open on a day. [VM106]",
        ),
        (
            "reach.phone",
            {"own": (5, 3)},
            "borrow: own = 5 of 3: must be events from 0 up to trials, and trials of 1 or more. [VM107]",
        ),
        (
            "reach.phone",
            {"own": 0.8},
            "borrow: own = 0.8: must be two whole numbers, events and trials. [VM107]",
        ),
    ],
)
def test_what_cannot_be_borrowed_is_said_with_what_can(quantity, choices, message, evidence):
    with pytest.raises(InputError) as caught:
        vm.borrow(quantity, evidence=evidence, **choices)
    assert str(caught.value).endswith(message)


@pytest.mark.parametrize("some", [["reach.text", "unsafe"], pytest.param([], marks=pytest.mark.long)])
def test_every_share_of_the_library_becomes_an_estimate_with_its_quantiles(some, evidence):
    pooled = evidence[evidence["pool"] == "yes"]
    pooled = pooled[pooled["quantity"].isin(some or pooled["quantity"])]
    for key, _ in pooled.groupby(["quantity", "regime", "definition"]):
        quantity, regime, definition = key
        found = vm.borrow(quantity, regime=regime, definition=definition, evidence=evidence)
        assert found.new_area.borrowed
        assert found.predictive.cdf(found.new_area.median) == pytest.approx(0.5, abs=0.002)
        low, high = found.new_area.interval
        if "low end drawn in" not in found.new_area.note:
            assert found.predictive.cdf(low) == pytest.approx(0.05, abs=0.002)
        if "high end drawn in" not in found.new_area.note:
            assert found.predictive.cdf(high) == pytest.approx(0.95, abs=0.002)


def test_the_line_for_a_scenario_is_read_back_as_the_same_estimate(evidence, tmp_path):
    for quantity, own in (("reach.phone", None), ("reach.text", None), ("unsafe", (3, 80))):
        found = vm.borrow(quantity, own=own, evidence=evidence)
        path = tmp_path / "line.yaml"
        path.write_text(f"reach: {found.to_yaml()}\n")
        assert Estimate.model_validate(plain(read_yaml(path))["reach"]) == (found.own or found.new_area)
        assert "\n" not in found.to_yaml()


def test_what_was_borrowed_is_said_in_a_sentence(evidence):
    assert vm.borrow("reach.phone", evidence=evidence).sentence == (
        "Share of phoned victims reached, after repeated calls (counted: spoken to), from 1 service fed by "
        "automatic transfer: on average 81 % (54 % to 95 %), in a new area 83 % (42 % to 99 %). For it this "
        "is worth about 4 cases of its own."
    )


@pytest.fixture(scope="module")
def comparison(evidence):
    modelled = Estimate(unit="probability", source="model", value=0.6, low=0.55, high=0.65)
    return vm.compare_services({"Modelled area": modelled}, evidence=evidence)


def test_an_area_stands_at_its_percentile_of_the_prediction(comparison):
    areas = comparison.table[comparison.table["kind"] == "area"]
    for row in areas.itertuples():
        expected = 1 - comparison.borrowed[row.regime].predictive.cdf(1 - row.attrition)
        assert row.percentile == pytest.approx(expected, rel=1e-9)
    found = areas.set_index(["regime", "name"])["position"]
    assert found["automatic_transfer", "West Midlands, 2017/18"] == "in the middle of the usual range"
    assert found["needs_flagged", "West Midlands, 2017/18"] == "in the upper part of the usual range"
    assert found["automatic_transfer", "Modelled area"].startswith("below the range")


def test_services_are_compared_by_attrition_with_beta_intervals(comparison):
    durham = comparison.table[comparison.table["source"] == "durham_2014"].iloc[0]
    assert durham[["attrition", "low", "high"]].tolist() == pytest.approx(
        [76 / 85, *stats.beta(76.5, 9.5).ppf([0.05, 0.95])]
    )
    mean, another = (
        comparison.table[(comparison.table["kind"] == kind) & (comparison.table["regime"] == "needs_flagged")]
        for kind in ("pooled", "new_area")
    )
    assert (another["high"] - another["low"]).iloc[0] > (mean["high"] - mean["low"]).iloc[0]


def test_where_an_area_lies_is_said_for_each_way_of_referral(comparison):
    assert comparison.sentences[0] == (
        "West Midlands, 2017/18: attrition of 90 % lies in the middle of the usual range for services fed by "
        "automatic transfer (of 100 such services, 43 would be expected to lose a smaller share). Only 2 "
        "such services have published their numbers, the smallest with 9 of 85 referrals supported: a rough "
        "guide only."
    )
    assert len(comparison.sentences) == 4


def test_an_area_whose_way_of_referral_is_known_is_compared_with_its_own_way_only(evidence):
    found = vm.compare_services({"Here": 0.9}, evidence=evidence, published="Nowhere", fed_by="needs_flagged")
    areas = found.table[found.table["kind"] == "area"]
    assert areas["regime"].tolist() == ["needs_flagged"]
    assert len(found.sentences) == 1
    title = vm.plot_services(found.table).get_suptitle().replace("\n", " ")
    assert title.endswith("for services fed by needs-flagged referrals (3 published)")
    none = vm.compare_services({"Here": 0.9}, evidence=evidence, published="Nowhere", fed_by="opt_in")
    assert none.sentences == (
        "Here: no published numbers of services fed by victims who agreed to be referred could be "
        "compared with.",
    )


def test_an_attrition_outside_0_to_1_is_refused(evidence):
    with pytest.raises(InputError) as caught:
        vm.compare_services({"Here": 88.9}, evidence=evidence)
    assert str(caught.value) == (
        "compare_services: areas[Here] = 88.9: must be a share from 0 to 1, or an estimate of one. [VM109]"
    )


def test_the_figure_shows_a_panel_for_each_way_of_referral(comparison):
    figure = vm.plot_services(comparison.table)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [
        "Services fed by automatic transfer",
        "Services fed by needs-flagged referrals",
    ]
    assert [len(ax.get_yticklabels()) for ax in figure.axes] == [4, 5]
    assert "losing 90% of referrals" in figure.get_suptitle().replace("\n", " ")


def test_own_cases_that_are_those_of_a_service_in_the_library_are_said_to_count_twice(evidence):
    twice = vm.borrow("reach.phone", own=(31, 37), evidence=evidence)
    assert twice.own_twice == "Victim Support, Durham referrals"
    assert twice.sentence.endswith("they count twice here; leave that service out of the evidence.")
    once = vm.borrow("reach.phone", own=(30, 37), evidence=evidence)
    assert once.own_twice == ""
    assert "twice" not in once.sentence


def test_what_was_borrowed_prints_as_a_sentence_a_table_and_a_line_for_a_scenario(evidence):
    shown = repr(vm.borrow("reach.phone", evidence=evidence)).splitlines()
    assert shown[0].startswith("Share of phoned victims reached")
    assert "72 % to 92 %" in shown[-3]
    assert shown[-2] == "Sources: durham_2014; quality C at worst."
    assert shown[-1].startswith("In a scenario: {unit: probability, source: durham_2014")
