PYTHON ?= .venv/bin/python

.PHONY: check fix test speed soak docs

check:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(dir $(PYTHON))lint-imports
	$(PYTHON) -m pytest

fix:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

test:
	$(PYTHON) -m pytest

speed:
	$(PYTHON) -m tests.speed

soak:
	$(PYTHON) -m pytest -n 0 -m soak tests/soak

docs:
	$(PYTHON) -m tests.documentation.print_pages
