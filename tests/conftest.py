from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of public data files, which stands beside the repository on some machines only."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("the public data files (../shared/data) do not stand beside this repository")
    return _SHARED_DATA
