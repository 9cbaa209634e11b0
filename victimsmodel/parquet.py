"""Tables as Parquet whose pages carry checksums, which every reading verifies."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def parquet_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as a Parquet file: zstd, a CRC-32 on every page; the same table, the same bytes."""
    made: bytes = table.to_parquet(index=False, compression="zstd", write_page_checksum=True)
    return made


def read_parquet(source: Path | bytes) -> pd.DataFrame:
    """Read a Parquet file, or one that is in memory.

    Raises
    ------
    OSError, ValueError
        If it cannot be read, or a page is not what its checksum says.
    """
    import pandas as pd

    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    return pd.read_parquet(opened, page_checksum_verification=True)
