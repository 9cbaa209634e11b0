"""Write copies of the notebooks, parameterised for the tiny profile, for nbval to execute."""

import sys
from pathlib import Path

from victimsmodel.executor import notebook_paths, parameterised
from victimsmodel.notebook_steps import notebook_parameters
from victimsmodel.stages import open_run

scenario, folder = Path(sys.argv[1]), Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
run = open_run(scenario, folder / "run", profile="tiny")
for notebook in notebook_paths():
    parameterised(notebook, folder / notebook.name, notebook_parameters(run, scenario, {}))
