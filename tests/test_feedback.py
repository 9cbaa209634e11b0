"""Survey answers: what is read, what is hidden, what is shown."""

import itertools

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import multinomial_proportions_confint, proportion_confint

from victimsmodel.errors import InputError
from victimsmodel.inputs.survey import AGREEMENT, SATISFACTION, Scale, load_survey
from victimsmodel.monitoring.feedback import summarise_feedback
from victimsmodel.monitoring.suppression import Suppression, hidden_answers, hidden_cells

ITEMS = {"respect": AGREEMENT, "easy": AGREEMENT}


def written(tmp_path, text):
    path = tmp_path / "survey.csv"
    path.write_text(text, encoding="utf-8")
    return path


def counts(**items):
    rows = [
        (item, answer, position, n)
        for item, numbers in items.items()
        for position, (answer, n) in enumerate(zip(AGREEMENT.answers, numbers, strict=True), 1)
    ]
    return pd.DataFrame(rows, columns=["item", "answer", "position", "count"])


def test_rows_of_respondents_and_rows_of_counts_read_alike(tmp_path):
    rows = "Respect,easy\nAgree,5\nagree ,4\nStrongly agree,\nDon't know,1\n"
    first = load_survey(written(tmp_path, rows), ITEMS)
    tidy = "item,answer,count\nrespect,Agree,2\nrespect,Strongly agree,1\neasy,5,1\neasy,Agree,1\neasy,1,1\n"
    second = load_survey(written(tmp_path, tidy), ITEMS)
    pd.testing.assert_frame_equal(first, second)
    assert list(first["count"]) == [0, 0, 0, 2, 1, 1, 0, 0, 1, 1]


def test_free_text_and_unknown_answers_are_refused_without_being_repeated(tmp_path):
    secret = "Jane Roe of 1 High Street called me twice about this"
    with pytest.raises(InputError) as caught:
        load_survey(written(tmp_path, f"respect,easy,comment\nAgree,Agree,{secret}\n"), ITEMS)
    told = str(caught.value)
    assert "survey.csv: column 3 (comment): is named like free text; nothing was read." in told
    assert "Jane" not in told
    with pytest.raises(InputError) as caught:
        load_survey(written(tmp_path, f"respect,easy\nAgree,{secret}\nyes,Agree\n"), ITEMS)
    told = str(caught.value)
    assert "survey.csv: column 2 (easy): holds what looks like an address; nothing was read." in told
    assert "Jane" not in told
    with pytest.raises(InputError) as caught:
        load_survey(written(tmp_path, "respect,easy\nAgree,perhaps\nyes,Agree\n"), ITEMS)
    told = str(caught.value)
    assert "survey.csv:2: easy: must be an answer of its scale (Strongly disagree, Disagree," in told
    assert "survey.csv:3: respect" in told
    assert "yes" not in told
    assert "perhaps" not in told


def test_misspelt_items_and_ragged_rows_are_named(tmp_path):
    with pytest.raises(InputError, match=r"column 2: is none of the items. Did you mean easy\? \[VM162\]"):
        load_survey(written(tmp_path, "respect,eazy\nAgree,Agree\n"), ITEMS)
    with pytest.raises(InputError, match=r"survey.csv:3: has 1 cells where the header has 2. \[VM161\]"):
        load_survey(written(tmp_path, "respect,easy\nAgree,Agree\nAgree\n"), ITEMS)
    with pytest.raises(InputError, match=r"states this answer a second time. \[VM163\]"):
        load_survey(written(tmp_path, "item,answer,count\nrespect,4,2\nrespect,Agree,2\n"), ITEMS)


def test_shares_have_wilson_and_goodman_intervals():
    numbers = [20, 35, 30, 48, 22]
    found = summarise_feedback(counts(easy=numbers)).answers
    wilson = proportion_confint(np.array(numbers), 155, method="wilson")
    joint = multinomial_proportions_confint(numbers, method="goodman")
    assert found[["low", "high"]].to_numpy() == pytest.approx(np.transpose(wilson))
    assert found[["joint_low", "joint_high"]].to_numpy() == pytest.approx(joint)
    assert (found["joint_low"] <= found["low"]).all()


def test_simultaneous_intervals_hold_all_shares_at_once():
    rng, truth, repeats = np.random.default_rng(3), np.array([0.1, 0.2, 0.2, 0.3, 0.2]), 400
    held = 0
    for numbers in rng.multinomial(200, truth, repeats):
        low, high = multinomial_proportions_confint(numbers, method="goodman").T
        held += ((low <= truth) & (truth <= high)).all()
    assert held / repeats > 0.95 - 5 * np.sqrt(0.95 * 0.05 / repeats)


def test_the_net_score_is_the_share_above_minus_the_share_below_the_middle():
    row = summarise_feedback(counts(easy=[20, 35, 30, 48, 22])).items.iloc[0]
    assert row["net_score"] == pytest.approx((70 - 55) / 155)
    variance = (125 / 155 - ((70 - 55) / 155) ** 2) / 155
    assert row["net_score_high"] - row["net_score"] == pytest.approx(1.959964 * np.sqrt(variance))
    assert row["words"] == "easy: 155 answers, 45% favourable (95% interval 38% to 53%), net score +10."


@pytest.mark.parametrize(
    ("numbers", "hidden"),
    [
        ([8, 9, 12, 60, 71], [False] * 5),
        ([0, 9, 12, 60, 71], [False] * 5),  # zeros tell of nobody
        ([3, 9, 12, 60, 71], [True, True, False, False, False]),  # 9 keeps 3 from being had from the total
        ([3, 2, 12, 60, 71], [True, True, True, False, False]),  # 3 + 2 would show that both are small
        ([2, 3, 4, 3, 1], [True] * 5),  # a base of 13
    ],
)
def test_small_counts_are_hidden_with_what_would_give_them_away(numbers, hidden):
    assert list(hidden_cells(numbers, Suppression())) == hidden


def test_no_hidden_count_can_be_had_from_what_is_shown():
    """Every way to fill the hidden cells that agrees with all that is shown: none is pinned down."""
    rule = Suppression(largest_hidden=3, smallest_base=5)
    for numbers in itertools.product((0, 1, 2, 5), repeat=4):
        total = sum(numbers)
        if not 5 <= total <= 9:
            continue
        found = hidden_answers(numbers, rule)
        free = np.flatnonzero(found.cells)
        if not len(free):
            continue
        fills = []
        for fill in itertools.product(range(total + 1), repeat=len(free)):
            trial = np.array(numbers)
            trial[free] = fill
            if trial.sum() != total:
                continue
            if found.is_low_shown and trial[:2].sum() != sum(numbers[:2]):
                continue
            if found.is_high_shown and trial[2:].sum() != sum(numbers[2:]):
                continue
            fills.append(fill)
        possible = [set(column) for column in zip(*fills, strict=True)]
        # no small count is known exactly, and each could be beyond what counts as small
        assert all(len(values) > 1 and max(values) > 3 for values in possible), numbers


def test_where_both_ends_are_small_the_sides_are_shown_instead():
    found = summarise_feedback(counts(told=[3, 9, 15, 41, 5]))
    assert found.items["favourable"].iloc[0] == pytest.approx(46 / 73)
    assert found.answers["count"].isna().tolist() == [True, True, False, True, True]


def test_a_small_base_hides_the_item_and_its_number():
    found = summarise_feedback(counts(soon=[2, 3, 4, 3, 1]))
    assert found.answers["share"].isna().all()
    assert found.items[["base", "favourable"]].isna().all(axis=None)
    assert found.items["words"].iloc[0] == "soon: not shown, under 20 answers."


def test_hiding_can_be_turned_off_for_figures_that_stay_inside():
    shown = summarise_feedback(counts(soon=[2, 3, 4, 3, 1]), Suppression(largest_hidden=0, smallest_base=1))
    assert shown.answers["count"].tolist() == [2, 3, 4, 3, 1]


def test_items_with_different_scales_are_refused_together():
    other = pd.DataFrame(
        {"item": "service", "answer": SATISFACTION.answers, "position": range(1, 6), "count": [9] * 5}
    )
    with pytest.raises(
        InputError, match=r"survey: service: has another scale \(Very dissatisfied,.*\[VM164\]"
    ):
        summarise_feedback(pd.concat([counts(easy=[9] * 5), other]))


def test_a_scale_names_each_answer_once():
    with pytest.raises(ValueError, match="answers must differ"):
        Scale(answers=("Yes", "yes"))
