"""What results depend on: the scenario, how much is computed, the seed, the package and its libraries."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from victimsmodel.inputs.scenario import Scenario
from victimsmodel.profiles import PROFILES
from victimsmodel.sealed import text_hash
from victimsmodel.versions import version_text

_PACKAGE = Path(__file__).parent


def run_key(scenario: Scenario, profile: str, seed: int) -> str:
    """Return the SHA-256 of all that results depend on."""
    return text_hash(json.dumps(origins(scenario, profile, seed)))


def origins(scenario: Scenario, profile: str, seed: int) -> dict[str, str]:
    """Return all that results depend on, by words that "changed" can follow.

    A scenario holds what stands in the files that it names.
    """
    return {
        "the scenario": text_hash(scenario.model_dump_json()),
        "the profile": json.dumps([profile, PROFILES[profile]]),
        "the seed": str(seed),
        "the package's code": code_hash(),
        "versions of libraries": version_text(),
    }


@cache
def code_hash() -> str:
    """Return the SHA-256 of the package's code."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
