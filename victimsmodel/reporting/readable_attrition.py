"""Tables about attrition as people read them: definitions, evidence, calibration, levers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from victimsmodel.inputs.scenario import BUSINESS_AS_USUAL, Scenario
from victimsmodel.reporting import formats
from victimsmodel.reporting.hold_out_words import hold_out_sentences, readable_hold_out
from victimsmodel.reporting.lever_words import ample_sentence, levers_sentence, readable_levers
from victimsmodel.reporting.readable_calibration import calibrated_fit, calibrated_inputs, input_value
from victimsmodel.reporting.text_table import TextTable
from victimsmodel.reporting.waterfall_words import readable_waterfall, waterfall_sentences
from victimsmodel.reporting.words import input_title, sentence_case, typeset

#: Inputs that decide between referral and support.
_DECIDING = ("referral", "screening", "contact", "consent", "assessment", "support.accepted")
_CHANCES = ("probability", "odds ratio")
_UNOBSERVED = "no observed totals of this service"
_ABSENT = {
    "levers": "no levers",
    "levers_words": "no levers",
    "calibration_inputs": _UNOBSERVED,
    "calibration_fit": _UNOBSERVED,
    "calibration_words": _UNOBSERVED,
    "hold_out": _UNOBSERVED,
    "hold_out_words": _UNOBSERVED,
    "waterfall": "no option but business as usual",
    "waterfall_words": "no option but business as usual",
}


def readable_attrition(name: str, tables: Mapping[str, pd.DataFrame], scenario: Scenario) -> TextTable:
    """Return one of the tables about attrition as text for people.

    Parameters
    ----------
    name : str
        ``attrition_definitions``, ``services_words``, ``evidence``, ``calibration_fit``,
        ``calibration_inputs``, ``calibration_words``, ``hold_out``, ``hold_out_words``, ``levers``,
        ``levers_words``, ``waterfall`` or ``waterfall_words``.
    tables : mapping of str to DataFrame
        Of the stage ``attrition``; for ``evidence`` of the stage ``inputs``.
    scenario : Scenario

    Returns
    -------
    TextTable
        Strings; one row that says so where the scenario does not state what the table needs.
    """
    own = "assumptions" if name == "evidence" else name
    own = own.removesuffix("_words") if own not in tables else own
    if own not in tables:
        sentence = f"The scenario states {_ABSENT[name]}, so that there is nothing to show here."
        if scenario.observed and _ABSENT[name] == _UNOBSERVED:
            sentence = "The inputs were not calibrated, so that there is nothing to show here."
        return TextTable({"": [sentence]}, index=[""])
    return TextTable(_SHOWN[name](tables[own], scenario))


def _definitions(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return one row for each definition, one column for each option; all referrals."""
    rows = table[table["who"].astype(str) == "all"]
    text = {}
    for option, own in rows.groupby("option", observed=True, sort=False):
        show = [
            formats.DASH
            if pd.isna(x)
            else f"{formats.share1(x)} ({formats.share1(a)} to {formats.share1(b)})"
            for x, a, b in zip(own["attrition"], own["low"], own["high"], strict=True)
        ]
        text[scenario.options[str(option)].title] = pd.Series(show, index=own["words"])
    shown = pd.DataFrame(text)
    shown.index = pd.Index([typeset(words) for words in shown.index], name="Lost")
    return shown


def _sentences(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    return pd.DataFrame({"": [typeset(text) for text in table["sentence"]]}, index=[""] * len(table))


def _paragraphs(sentences: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"": sentences}, index=[""] * len(sentences))


def _evidence(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the inputs between referral and support of business as usual, the known ones first."""
    kept = (table["option"] == BUSINESS_AS_USUAL) & table["unit"].isin(_CHANCES)
    own = table[kept & table["input"].str.startswith(_DECIDING)]
    kind = [_standing(row) for row in own.to_dict("records")]
    rows = own.assign(standing=pd.Categorical(kind, _STANDINGS)).sort_values("standing", kind="stable")
    show = [
        f"{input_value(x, unit)} ({input_value(a, unit)} to {input_value(b, unit)})"
        for x, a, b, unit in zip(rows["value"], rows["low"], rows["high"], rows["unit"], strict=True)
    ]
    index = pd.Index([input_title(name, scenario) for name in rows["input"]], name="Input")
    text = {"": rows["standing"].astype(str).to_list(), "Value": show, "Source": rows["source"].to_list()}
    return pd.DataFrame(text, index=index)


_STANDINGS = ("Known", "Published elsewhere", "Borrowed", "Assumed")


def _standing(row: dict[str, object]) -> str:
    if row["is_assumption"]:
        return "Assumed"
    if row["is_borrowed"]:
        return "Borrowed"
    return "Known" if row["quality"] in ("A", "B") else "Published elsewhere"


def _levers_words(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    n_draws = int(table["n_draws"].iloc[0])
    sentences = [levers_sentence(table, n_draws), ample_sentence(table, scenario)]
    return pd.DataFrame({"": [sentence_case(typeset(text)) for text in sentences]}, index=["", ""])


_SHOWN: Mapping[str, Callable[[pd.DataFrame, Scenario], pd.DataFrame]] = {
    "attrition_definitions": _definitions,
    "services_words": _sentences,
    "evidence": _evidence,
    "calibration_fit": lambda table, scenario: calibrated_fit(table),
    "calibration_inputs": calibrated_inputs,
    "calibration_words": _sentences,
    "levers": lambda table, scenario: readable_levers(table, scenario).set_index("Lever"),
    "levers_words": _levers_words,
    "hold_out": lambda table, scenario: readable_hold_out(table),
    "hold_out_words": lambda table, scenario: _paragraphs(hold_out_sentences(table)),
    "waterfall": readable_waterfall,
    "waterfall_words": lambda table, scenario: _paragraphs(waterfall_sentences(table, scenario)),
}
