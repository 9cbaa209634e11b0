"""From the rows of a contact log to attempts: ordered, counted, and only those before the first contact."""

from __future__ import annotations

import numpy as np
import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.contact_words import OUTCOMES
from victimsmodel.inputs.quality.findings import Finding
from victimsmodel.inputs.service import CHANNELS, SPOKEN_CHANNELS

_WRONG = "Attempts with wrong details reach nobody and say nothing about reach; they are left out."
_AFTER = "Rows after the first contact are no attempts at contact; they are left out."


def attempts_of(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Order the rows, count attempts and leave out what is none.

    As in the simulation, a reply comes before the attempts of its day, and of two replies on one day that to
    the earlier message counts. What would have come later is not known to have come: the message then counts
    as unanswered for as long as was waited.

    Parameters
    ----------
    rows : DataFrame
        Columns victim, group, channel (number), day, outcome (number), hour, minutes, consent, accepted,
        reply_days, days.

    Returns
    -------
    tuple of DataFrame and list of Finding
        Attempts as of `ContactLog`, and what was left out.
    """
    findings: list[Finding] = []
    rows = rows.sort_values(["victim", "day", "hour"], kind="stable", na_position="first", ignore_index=True)
    wrong = rows["outcome"] == OUTCOMES.index("wrong_details")
    if wrong.any():
        findings.append(_left_out("wrong_details", wrong, _WRONG))
        rows = rows[~wrong].reset_index(drop=True)
    if not len(rows):
        raise input_error("contact log", "holds wrong details only", "VM127", field="outcome")
    spoken = rows["channel"].isin([CHANNELS.index(c) for c in SPOKEN_CHANNELS])
    success = rows["outcome"] == OUTCOMES.index("reached")
    rows.loc[spoken | ~success, "reply_days"] = np.nan
    comes = (rows["day"] + rows["reply_days"].fillna(0.0)).where(success)
    by_victim = rows["victim"]
    contact = comes.groupby(by_victim).transform("min")
    place = pd.Series(np.arange(len(rows), dtype=np.float64))
    rank = (place + spoken * len(rows)).where(comes == contact)
    maker = rank.groupby(by_victim).transform("min")  # place of the attempt that made contact; NaN: none
    is_maker = rank == maker
    by_reply = maker < len(rows)
    at = maker.where(by_reply, maker - len(rows))
    same_day = (rows["day"] == contact) & ~is_maker
    after = (rows["day"] > contact) | (same_day & (by_reply | (place > at)))
    if after.any():
        findings.append(_left_out("after_contact", after, _AFTER))
    last = float(max(rows["day"].max(), comes.max() if success.any() else 0.0))
    rows["waited_days"] = contact.fillna(last) - rows["day"] - (by_reply & (place > at))
    rows["is_reached"] = is_maker
    rows.loc[~is_maker, "reply_days"] = np.nan
    for answer in ("consent", "accepted"):  # often noted in a later row: they belong to the contact
        rows[answer] = rows.groupby("victim")[answer].transform("last").where(is_maker)
    rows = rows[~after].drop(columns="outcome").reset_index(drop=True)
    rows["victim"] = pd.factorize(rows["victim"])[0].astype(np.int64)
    rows.insert(1, "attempt", rows.groupby("victim").cumcount() + 1)
    rows["channel"] = pd.Categorical.from_codes(rows["channel"].astype(int), categories=list(CHANNELS))
    rows["day"] = rows["day"].astype(np.int64)
    return rows, findings


def _left_out(check: str, which: pd.Series, text: str) -> Finding:
    return Finding("note", check, rows=int(which.sum()), detail=text, action="excluded")
