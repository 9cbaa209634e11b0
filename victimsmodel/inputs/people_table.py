"""Exact counts of people, or rows of cases, as a table that estimators read and nothing writes or shows."""

from __future__ import annotations

from typing import Any, NoReturn

import pandas as pd

from victimsmodel.errors import PrivacyError, Problem


class PeopleTable(pd.DataFrame):
    """A DataFrame of counts of people, or of cases, that is for computing with.

    Whatever is selected from it, rows and columns, is guarded as it is. It is neither written nor shown:
    `release` and its kin make a plain table of what may leave.
    """

    @property
    def _constructor(self) -> type[PeopleTable]:
        return PeopleTable

    @property
    def _constructor_sliced(self) -> type[PeopleColumn]:
        return PeopleColumn

    def __repr__(self) -> str:
        return f"Rows of counts of people, not released: {', '.join(map(str, self.columns))}"

    def __str__(self) -> str:
        return repr(self)

    def _repr_html_(self) -> str:
        return f"<p>{self!r}</p>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse (VM284): what another process is sent, on this machine or another, is pickled."""
        refuse_people(self, "table of people")
        raise AssertionError

    def exact(self) -> pd.DataFrame:
        """Return the numbers as a plain table, for computing alone."""
        return pd.DataFrame(self)


class PeopleColumn(pd.Series):
    """A column or a row of a `PeopleTable`, guarded as that is."""

    @property
    def _constructor(self) -> type[PeopleColumn]:
        return PeopleColumn

    @property
    def _constructor_expanddim(self) -> type[PeopleTable]:
        return PeopleTable

    def __repr__(self) -> str:
        return f"Counts of people, not released: {self.name}"

    def __str__(self) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        """Refuse (VM284), as a table does."""
        refuse_people(self, "column of people")
        raise AssertionError


def refuse_people(table: object, name: str) -> None:
    """Refuse to let exact counts of people leave.

    Raises
    ------
    PrivacyError
        VM284 if the table was not released.
    """
    if isinstance(table, (PeopleTable, PeopleColumn)):
        allowed = "holds counts of people that were not released, and is neither written nor shown"
        hint = "Pass it through the door: victimsmodel.release or released_returns."
        raise PrivacyError([Problem(name, "", "", allowed, "VM284", hint)])


def _refusing(name: str) -> Any:
    def write(self: object, *args: object, **kwargs: object) -> NoReturn:
        refuse_people(self, name)
        raise AssertionError

    write.__name__, write.__doc__ = name, "Refuse (VM284)."
    return write


for _name in (
    *("to_csv", "to_parquet", "to_excel", "to_json", "to_html", "to_string", "to_markdown", "to_latex"),
    *("to_pickle", "to_feather", "to_hdf", "to_sql", "to_xml", "to_clipboard", "to_stata", "to_orc"),
):
    for _guarded in (PeopleTable, PeopleColumn):
        if hasattr(_guarded, _name):
            setattr(_guarded, _name, _refusing(_name))
