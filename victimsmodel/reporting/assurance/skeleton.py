"""A file to fill in: what only people know, for the inputs and decisions of a run that matter most."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

_MOST_INPUTS = 12
_HEAD = """\
# Quality assurance of the scenario beside this file: what only people know.
# victimsmodel qa RUN takes it into the logs of every run. Leave blank, or leave out, what is not known.
# Of an entry: what, effect, reliability (high, medium or low), when (YYYY-MM-DD), why, who, signed_off_by.

purpose:  # what the analysis is for, and which decision it serves

roles:
  commissioner:
  analyst:
  assurer:  # another person than the analyst
  approver:
"""
_TAIL = """
checks:  # what people checked; for example
#  - what: Twenty referrals of May were followed through the return by hand
#    result: all 20 agree
#    when: 2026-11-20
#    who:
"""


def skeleton(logs: Mapping[str, pd.DataFrame]) -> str:
    """Return a file of entries to fill in.

    Parameters
    ----------
    logs : mapping of str to DataFrame
        assumptions, in the order of their effect, and decisions.
    """
    log = logs["assumptions"]
    bare = log[(log["evidence"] == "none") | log["reliability"].str.startswith("D")]
    parts = [
        _HEAD,
        "\nassumptions:  # those that matter most and rest on weak evidence; others may be added\n",
    ]
    for row in bare.head(_MOST_INPUTS).itertuples():
        parts.append(f"  {row.name}:  # {row.what}\n    reliability:\n    when:\n    why:\n    who:\n")
    parts.append("\ndecisions:  # those of the scenario; others need what was decided\n")
    for row in logs["decisions"].itertuples():
        if not row.why:
            parts.append(f"  {row.name}:  # {row.what}\n    when:\n    why:\n    who:\n")
    return "".join(parts) + _TAIL
