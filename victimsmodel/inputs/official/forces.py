"""The 43 police force areas of England and Wales, and who else reports recorded crime."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from victimsmodel.errors import input_error
from victimsmodel.inputs.finding import did_you_mean
from victimsmodel.inputs.look_alike import meant

#: Name in the Home Office tables: ONS code of the police force area.
_AREAS = {
    "Avon and Somerset": "E23000036",
    "Bedfordshire": "E23000026",
    "Cambridgeshire": "E23000023",
    "Cheshire": "E23000006",
    "Cleveland": "E23000013",
    "Cumbria": "E23000002",
    "Derbyshire": "E23000018",
    "Devon and Cornwall": "E23000035",
    "Dorset": "E23000039",
    "Durham": "E23000008",
    "Dyfed-Powys": "W15000004",
    "Essex": "E23000028",
    "Gloucestershire": "E23000037",
    "Greater Manchester": "E23000005",
    "Gwent": "W15000002",
    "Hampshire": "E23000030",
    "Hertfordshire": "E23000027",
    "Humberside": "E23000012",
    "Kent": "E23000032",
    "Lancashire": "E23000003",
    "Leicestershire": "E23000021",
    "Lincolnshire": "E23000020",
    "London, City of": "E23000034",
    "Merseyside": "E23000004",
    "Metropolitan Police": "E23000001",
    "Norfolk": "E23000024",
    "North Wales": "W15000001",
    "North Yorkshire": "E23000009",
    "Northamptonshire": "E23000022",
    "Northumbria": "E23000007",
    "Nottinghamshire": "E23000019",
    "South Wales": "W15000003",
    "South Yorkshire": "E23000011",
    "Staffordshire": "E23000015",
    "Suffolk": "E23000025",
    "Surrey": "E23000031",
    "Sussex": "E23000033",
    "Thames Valley": "E23000029",
    "Warwickshire": "E23000017",
    "West Mercia": "E23000016",
    "West Midlands": "E23000014",
    "West Yorkshire": "E23000010",
    "Wiltshire": "E23000038",
}
#: Other names of forces, without the words that `_bare` takes off.
_VARIANTS = {
    "city of london": "London, City of",
    "hampshire and isle of wight": "Hampshire",
    "heddlu dyfed powys": "Dyfed-Powys",
    "heddlu gogledd cymru": "North Wales",
    "heddlu gwent": "Gwent",
    "heddlu de cymru": "South Wales",
    "met": "Metropolitan Police",
    "gmp": "Greater Manchester",
}
#: Bodies that stand beside the forces in the Home Office tables without being a police force area.
_OTHER_BODIES = {
    "action fraud": "Action Fraud",
    "fraud action fraud": "Action Fraud",
    "report fraud": "Report Fraud",
    "british transport": "British Transport Police",
    "btp": "British Transport Police",
    "cifas": "CIFAS",
    "uk finance": "UK Finance",
    "financial fraud action uk": "Financial Fraud Action UK",
    "ffa uk": "Financial Fraud Action UK",
    "national fraud intelligence bureau": "National Fraud Intelligence Bureau",
}


def _bare(name: str) -> str:
    """Return a name without case, punctuation and the words that forces put around it."""
    words = re.sub(r"[^a-z0-9]+", " ", name.casefold().replace("&", " and ")).split()
    return " ".join(w for w in words if w not in ("police", "constabulary", "service", "force", "the"))


_BY_BARE_NAME = {_bare(name): name for name in _AREAS} | _VARIANTS


def police_force_areas() -> pd.DataFrame:
    """Return the 43 territorial police force areas of England and Wales.

    Returns
    -------
    DataFrame
        ``force`` (name in the Home Office tables), ``pfa_code`` (ONS code), ``other_names`` (as they are
        recognised, separated by semicolons). British Transport Police is none of them.
    """
    others: dict[str, list[str]] = {name: [] for name in _AREAS}
    for variant, name in _VARIANTS.items():
        others[name].append(variant)
    return pd.DataFrame(
        {
            "force": list(_AREAS),
            "pfa_code": list(_AREAS.values()),
            "other_names": ["; ".join(others[name]) for name in _AREAS],
        }
    )


def official_force(name: str) -> str:
    """Return the name in the Home Office tables of a force however it is written, or an empty text.

    Examples
    --------
    >>> official_force("Devon & Cornwall Police")
    'Devon and Cornwall'
    """
    return _BY_BARE_NAME.get(_bare(name), "")


def other_body(name: str) -> str:
    """Return the name of a body that is no police force area, or an empty text."""
    return _OTHER_BODIES.get(_bare(name), "")


def force_of(name: str, where: str = "force") -> str:
    """Return the official name of a police force area.

    Raises
    ------
    InputError
        If it is none of the 43, with the nearest name.
    """
    found = official_force(name)
    if not found:
        allowed = "must be one of the 43 police force areas of England and Wales"
        hint = did_you_mean(name, _AREAS) or f"They are: {', '.join(_AREAS)}."
        raise input_error(where, allowed, "VM077", value=name, field="force", hint=hint)
    return found


def nearest_force(name: str) -> str:
    """Return the police force area that a name looks like, or is spelt nearly as; empty if there is none."""
    return meant(name, _AREAS)


def renamed_forces(names: Iterable[str]) -> dict[str, str]:
    """Return the official name of every name; names of nobody known stay as they are."""
    return {name: official_force(name) or other_body(name) or name for name in names}
