"""Write docs/attrition-study.md: estimates from invented contact logs beside the truth. Run by `make study`.

Ends with status 1 when more estimates miss the bar than chance alone would let miss it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: every worker has one core

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import attrition_text as text
import numpy as np
import pandas as pd
from attrition_logs import HazardTruth, Truth, draw_hazard_log, draw_log
from scipy.special import expit

from victimsmodel.inputs.contact_log import ContactLog
from victimsmodel.pathway.contact_fit import fit_contact_log
from victimsmodel.pathway.reach_hazard import estimate_reach

OUT = Path(__file__).resolve().parents[1] / "docs" / "attrition-study.md"
SIZES = (300, 1_500, 6_000)
N_SETS = 500
SEED = 20_261_122
PHONE = Truth({"phone": 0.42}, {"phone": 0.2}, (("phone", 0, 0.0), *[("phone", 1, 0.0)] * 3))
TWO = Truth(
    {"phone": 0.42, "text": 0.15},
    {"phone": 0.2, "text": 0.2},
    (("phone", 0, 0.0), ("text", 0, 0.0), ("phone", 1, 0.0), ("phone", 1, 0.0), ("text", 1, 0.0)),
    reply_days=2.0,
)
HAZARD = HazardTruth(
    level=-0.2,
    text=-1.2,
    later=(-0.3, -0.5, -0.6),
    evening=0.5,
    per_ten_days=-0.3,
    enhanced=0.3,
    n_attempts=4,
)


class Found(NamedTuple):
    """An estimate from one data set: its value, the 95 % interval, the naive number, the truth."""

    name: str
    value: float
    low: float
    high: float
    naive: float
    truth: float


def of_phone(log: ContactLog) -> list[Found]:
    """Return the estimates from calls alone: the model's, and the hazard's by attempt."""
    rows = {row.name.rpartition(".")[2]: row for row in fit_contact_log(log, None).rows}
    reach, total = PHONE.reach["phone"], 1 / PHONE.heterogeneity["phone"] - 1
    found = [
        _of_row("Beta-geometric: reach, first call", rows["reach"], reach),
        _of_row(
            "Beta-geometric: heterogeneity", rows["heterogeneity"], PHONE.heterogeneity["phone"]
        )._replace(naive=0.0),
    ]
    steps = estimate_reach(log).by_attempt.set_index("attempt")
    pooled = float(log.attempts["is_reached"].mean())
    for step in (1, 2, 3):
        if step in steps.index and len(steps) > step:  # the last told apart stands for later ones too
            row, truth = steps.loc[step], reach * total / (total + step - 1)
            name = f"Hazard: reach at call {step}"
            found.append(Found(name, row["reach"], row["low_95"], row["high_95"], pooled, truth))
    return found


def of_two(log: ContactLog) -> list[Found]:
    """Return the estimates from calls and texts that share one reachability."""
    rows = {row.name: row for row in fit_contact_log(log, None).rows}
    channels = "contact.channels."
    wanted = {
        "Two channels: reach by phone": (rows[channels + "phone.reach"], TWO.reach["phone"]),
        "Two channels: reach by text": (rows[channels + "text.reach"], TWO.reach["text"]),
        "Two channels: heterogeneity of calls": (
            rows[channels + "phone.heterogeneity"],
            TWO.heterogeneity["phone"],
        ),
    }
    found = [_of_row(name, row, truth) for name, (row, truth) in wanted.items()]
    if channels + "text.reply_days" in rows:  # a positive number: on its logarithm, as the interval is
        row = rows[channels + "text.reply_days"]
        numbers = np.log([row.value, row.low_95, row.high_95, row.naive, TWO.reply_days])
        found.append(Found("Two channels: log of days to a reply", *map(float, numbers)))
    return [one._replace(naive=0.0) if "heterogeneity" in one.name else one for one in found]


def _of_row(name: str, row: Any, truth: float) -> Found:
    return Found(name, row.value, row.low_95, row.high_95, row.naive, truth)


def of_hazard(log: ContactLog) -> list[Found]:
    """Return coefficients and standardised reach of the regression."""
    reach = estimate_reach(log)
    rows = reach.coefficients.set_index("name")
    table = log.attempts
    first = table[table["attempt"] == 1]
    found = []
    named = {"time: evening": HAZARD.evening, "days since (per 10)": HAZARD.per_ten_days}
    for name, truth in named.items():
        row = rows.loc[name]
        found.append(Found(f"Hazard: log-odds, {name}", row["value"], row["low"], row["high"], np.nan, truth))
    enhanced = (first["group"] == "enhanced").to_numpy() * HAZARD.enhanced
    for row in reach.by_channel.itertuples():
        linear = HAZARD.level + HAZARD.per_ten_days * first["days"].to_numpy() / 10 + enhanced
        truth = float(expit(linear + (HAZARD.text if row.channel == "text" else 0.0)).mean())
        found.append(
            Found(
                f"Hazard: standardised reach, {row.channel}",
                row.reach,
                row.low_95,
                row.high_95,
                row.naive,
                truth,
            )
        )
    return found


STUDIES: dict[str, tuple[Callable[..., ContactLog], Callable[[ContactLog], list[Found]]]] = {
    "phone": (partial(draw_log, PHONE), of_phone),
    "two": (partial(draw_log, TWO), of_two),
    "hazard": (partial(draw_hazard_log, HAZARD), of_hazard),
}


def one_set(task: tuple[str, int, int]) -> list[Found]:
    """Draw one log and estimate."""
    study, size, number = task
    draw, estimate = STUDIES[study]
    generator = np.random.default_rng([SEED, list(STUDIES).index(study), size, number])
    return estimate(draw(size, generator))


def measured(n_sets: int, sizes: tuple[int, ...], workers: int) -> pd.DataFrame:
    """Return bias, coverage and their standard errors for every estimate and size."""
    tasks = [(study, size, i) for study in STUDIES for size in sizes for i in range(n_sets)]
    with ProcessPoolExecutor(workers) as pool:
        results = list(pool.map(one_set, tasks, chunksize=10))
    rows = [(task[1], *found) for task, sets in zip(tasks, results, strict=True) for found in sets]
    table = pd.DataFrame(rows, columns=["victims", *Found._fields])
    table["error"] = table["value"] - table["truth"]
    table["naive_error"] = table["naive"] - table["truth"]
    table["is_covered"] = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    groups = table.groupby(["name", "victims"], sort=False)
    found = groups.agg(
        truth=("truth", "mean"),
        bias=("error", "mean"),
        sd=("error", "std"),
        naive_bias=("naive_error", "mean"),
        coverage=("is_covered", "mean"),
        n_sets=("error", "size"),
    ).reset_index()
    found["mc_se"] = found["sd"] / np.sqrt(found["n_sets"])
    found["z"] = found["bias"] / found["mc_se"]
    return found


def main() -> int:
    """Measure, write the page and return the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=N_SETS)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    start, cpu = time.perf_counter(), os.times()
    found = measured(chosen.sets, SIZES, chosen.workers)
    now = os.times()
    used = sum(now[:4]) - sum(cpu[:4])
    chosen.out.write_text(text.page(found, PHONE, TWO, HAZARD, chosen.sets, used), encoding="utf-8")
    print(
        f"{chosen.out.name} written in {time.perf_counter() - start:.0f} s ({used:.0f} s of processor time)"
    )
    failures = text.failures(found)
    print("\n".join(failures) or "every estimate meets the bar")
    return 1 if text.is_beyond_chance(found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
