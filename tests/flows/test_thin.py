"""Only the flows know Prefect, and no flow file hides a module of Python's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FLOWS = Path(__file__).parents[2] / "flows"
IMPORT_ALL = """
import sys, ctmonitor
from importlib import import_module
from pathlib import Path
top = Path(ctmonitor.__path__[0])
for path in top.rglob("*.py"):
    inner = path.relative_to(top).with_suffix("").parts
    if inner[0] != "web" and "migrations" not in inner and inner[-1] != "__main__":
        import_module(".".join(("ctmonitor", *inner)).removesuffix(".__init__"))
print(len([name for name in sys.modules if name.startswith("ctmonitor.")]))
print([name for name in ("prefect", "fastapi", "flows") if name in sys.modules])
"""


def test_nothing_in_ctmonitor_imports_prefect():
    """Whichever module is imported starts no Prefect, and only the pages a web framework."""
    ended = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True
    )
    count, found = ended.stdout.splitlines()
    assert int(count) > 50
    assert found == "[]"


def test_no_flow_file_hides_a_module_of_python():
    """The folder of a flow comes first on sys.path, so its names must be free."""
    names = {path.stem for path in FLOWS.glob("*.py")} - {"__init__"}
    assert {"sweep", "due", "dispatch", "demo", "serve"} <= names
    assert not names & (sys.stdlib_module_names | {"ctmonitor", "prefect", "yaml"})
