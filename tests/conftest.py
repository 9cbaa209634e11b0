import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from desk import Desk

# An optional part of jsonschema that no schema here makes use of: two seconds, as executor.py says.
sys.modules.setdefault("rfc3987_syntax", None)

# What is compiled is kept, as Python does unless told otherwise: else each worker of xdist rewrites the
# assertions of all test files, and each process that a test starts compiles the package, anew every time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of public data files, which stands beside the repository on some machines only."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("the public data files (../shared/data) do not stand beside this repository")
    return _SHARED_DATA


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> "Desk":
    """Return a folder with the shipped scenarios, in which inputs are spoilt and commands refused."""
    from desk import Desk

    return Desk(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module", autouse=True)
def _figures_closed() -> Iterator[None]:
    """Close what a file of tests has drawn: pyplot keeps it until told otherwise, and warns of the 21st."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def pytest_collection_finish() -> None:
    """Spare the collector what lives as long as the tests: libraries, tests and their set-ups.

    Else it goes through them time and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
