"""Write the pages that the program prints: `python -m tests.documentation.print_pages`."""

from __future__ import annotations

from pathlib import Path

from tests.documentation import commands_page, fields_page, settings_page
from tests.documentation.reading import PAGES, name_of, text_of
from tests.documentation.sessions import renewed
from tests.spec import print_rules

DOCS = Path(__file__).parents[2] / "docs"
PRINTED = {
    "commands.md": commands_page.page,
    "fields.md": fields_page.page,
    "rules.md": print_rules.page,
    "settings.md": settings_page.page,
}


def main() -> None:
    """Write each page that is not as it would be printed now, and the sessions on the others."""
    for name, page in PRINTED.items():
        _write(DOCS / name, page())
    for path in PAGES:
        _write(path, renewed(path))


def _write(path: Path, text: str) -> None:
    if not path.exists() or text_of(path) != text:
        path.write_text(text, encoding="utf-8")
        print(name_of(path))


if __name__ == "__main__":
    main()
