"""Where a decision turns: the value of an input at which another option becomes the better buy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from victimsmodel.appraisal.smoothing import fit, smoother_of

Floats = NDArray[np.float64]


def switching_values(gain: Floats, inputs: Mapping[str, Floats]) -> pd.DataFrame:
    """Return, for each input, where the expected gain of an option changes its sign.

    The expected gain given an input's value is a smooth regression over the draws, all other inputs as
    uncertain as they are. Only values that some draw took are looked at: what lies beyond is not known.

    Parameters
    ----------
    gain : ndarray, shape (n_draws,)
        Net benefit of an option less that of another; or the difference in any measure.
    inputs : mapping of str to ndarray, shape (n_draws,)

    Returns
    -------
    DataFrame
        A row for each input and change of sign: input, switches_at (missing if the sign never changes),
        better (where the option is the better one: "above", "below", "everywhere", "nowhere"),
        probability_past (share of draws on the other side of the switching value than the one where
        the option that is better on average stays better).
    """
    expected_sign = 1.0 if gain.mean() >= 0 else -1.0
    rows = []
    for name, column in inputs.items():
        values = np.asarray(column, dtype=np.float64)
        if np.ptp(values) == 0.0:
            continue
        fitted = fit(smoother_of(values[:, None]), gain[:, None])[0][:, 0]
        order = np.argsort(values, kind="stable")
        x, y = values[order], fitted[order]
        turns = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
        past = float((np.sign(y) == -expected_sign).mean())
        if not len(turns):
            rows.append((name, np.nan, "everywhere" if y.mean() >= 0 else "nowhere", past))
        for i in turns:
            at = x[i] - y[i] * (x[i + 1] - x[i]) / (y[i + 1] - y[i])
            rows.append((name, float(at), "above" if y[i + 1] > 0 else "below", past))
    table = pd.DataFrame(rows, columns=["input", "switches_at", "better", "probability_past"])
    by = ["probability_past", "input", "switches_at"]
    return table.sort_values(by, ascending=[False, True, True], kind="stable", ignore_index=True)
