# What people and CI run. Every target sets up what it needs first; nothing here is needed on an office user's computer.
.PHONY: setup demo test firefox soak check docs pictures template bench lock release clean

PYTHON := .venv/bin/python
# a link that leads nowhere, and a page that no list has, fail it
BUILD_DOCS := .venv/bin/sphinx-build -W --keep-going -q docs docs/_build

setup:
	@scripts/setup

demo: setup
	@$(PYTHON) -m xlkijiji demo $(if $(filter-out 0 no,$(SHOW)),--show)

# a Grid that can't be had fails its own tests, with a sentence, and keeps no other test from running
test: check
	@scripts/setup tests
	-@$(PYTHON) scripts/fetch_grid.py
	@# three files at once, the long ones first: most tests wait for a browser or a spreadsheet
	@$(PYTHON) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

firefox: setup
	@$(PYTHON) -m pytest -m firefox tests/kijiji/test_firefox.py

soak: setup
	@XLKIJIJI_SOAK_KILLS=5000 XLKIJIJI_SOAK_SEQUENCES=200 $(PYTHON) -m pytest tests/kills tests/chaos -s

check: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@$(BUILD_DOCS)
	@$(PYTHON) scripts/pictures.py --check

pictures: setup
	@$(PYTHON) scripts/pictures.py

docs: setup
	@$(BUILD_DOCS)
	@echo docs/_build/index.html

template: setup
	@$(PYTHON) -m xlkijiji.workbook.template workbook_template.xlsm

bench: setup
	@for benchmark in benchmarks/*.py; do $(PYTHON) $$benchmark || exit 1; done

# renews the locked lists that the installers use; after each change of the dependencies in pyproject.toml
lock: setup
	@$(PYTHON) scripts/make_lock.py

# what people download: dist/xlkijiji-VERSION-{windows,mac,linux}.zip
release: setup
	@$(PYTHON) scripts/make_release.py

clean:
	rm -rf .venv demo dist docs/_build
