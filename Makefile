# Everything this project does, one command each. `make help` lists them.
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

SETUP := tests/env/setup.sh
VENV_PYTHON := .odoo/venv/bin/python
# What `make env` printed, for the programs that the recipes start.
WITH_ENV := set -a && . .odoo/env.sh && set +a &&
PORT ?= 8069

.PHONY: help env demo run test lint format readme pot screenshots bench walk chaos
.PHONY: install-test stop clean

help: ## this list
	@# A target marked [path] is shown where that path exists.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { \
		text = $$2; \
		if (match(text, /^\[[^]]*\] /)) { \
			path = substr(text, 2, RLENGTH - 3); \
			text = substr(text, RLENGTH + 1); \
			if (system("test -e " path)) next; \
		} \
		printf "  make %-12s %s\n", $$1, text }' $(MAKEFILE_LIST)

env: ## set up Odoo 19, Python and PostgreSQL; print export lines for them
	@$(SETUP)

demo: ## [tests/demo/demo.py] simulator and Odoo with two synced users; ONCE=1: check and exit
	@$(SETUP) --no-browser > /dev/null
	@$(WITH_ENV) exec $(VENV_PYTHON) tests/demo/demo.py

run: ## Odoo for development on the database "dev", PORT=8069 unless given
	@$(SETUP) --no-browser > /dev/null
	@$(VENV_PYTHON) tests/env/databases.py create dev --if-missing
	@$(WITH_ENV) exec $$ODOO_BIN -c $$ODOO_CONF -d dev --http-port=$(PORT) --workers=0 \
		-u praetorx_base,praetorx_ms365_calendar --dev=xml,access

test: ## every test suite; SUITES="unit odoo" for some, ARGS for pytest, TAGS for Odoo
	@$(SETUP) --tools > /dev/null
	@$(VENV_PYTHON) tests/env/run_tests.py $(SUITES) --args="$(ARGS)"

lint: ## every style check
	@$(SETUP) --tools > /dev/null
	@$(VENV_PYTHON) tests/env/lint.py

format: ## rewrite files as the style checks want them; FILES="a b" for some
	@$(SETUP) --tools > /dev/null
	@$(VENV_PYTHON) tests/env/lint.py --fix $(FILES)

readme: ## write README.rst of each addon anew from its readme/
	@$(SETUP) --no-browser > /dev/null
	@$(VENV_PYTHON) tests/env/addon_readme.py

pot: ## write the templates for translators anew; then bring i18n/de.po up to date
	@$(SETUP) --no-browser > /dev/null
	@$(VENV_PYTHON) tests/env/databases.py create pot
	@$(WITH_ENV) $$ODOO_BIN i18n export -c $$ODOO_CONF -d pot \
		praetorx_base praetorx_ms365_calendar
	@$(VENV_PYTHON) tests/env/databases.py drop pot

screenshots: ## pictures of every screen in both languages; new ones for docs and store page
	@$(SETUP) > /dev/null
	@$(WITH_ENV) PYTHONPATH=tests exec $(VENV_PYTHON) -m pytest -q \
		tests/browser/screenshots.py

bench: ## [tests/bench] how fast notifications are taken and edits arrive
	@$(SETUP) --no-browser > /dev/null
	@$(WITH_ENV) PYTHONPATH=tests exec $(VENV_PYTHON) -m bench

walk: ## random edits and lost answers, the pure engine alone: N=walks SEED=number
	@$(SETUP) --no-browser > /dev/null
	@seed=$${SEED:-$$RANDOM}; n=$${N:-1000}; echo "SEED=$$seed N=$$n"; \
		PYTHONPATH=tests N="$$n" SEED="$$seed" exec $(VENV_PYTHON) -m pytest -q \
		--hypothesis-seed="$$seed" tests/unit/engine/test_walk.py \
		tests/unit/engine/test_series_walk.py tests/unit/engine/test_meetings_walk.py

install-test: ## install, upgrade, uninstall among 10,000 events; times are printed
	@$(SETUP) --no-browser > /dev/null
	@$(WITH_ENV) PYTHONPATH=tests exec $(VENV_PYTHON) -m pytest -s \
		tests/install/large_office.py

chaos: ## random edits, faults and power cuts, real servers: N=walks SEED=number
	@$(SETUP) --no-browser > /dev/null
	@$(WITH_ENV) PYTHONPATH=tests N="$${N:-20}" SEED="$${SEED:-$$RANDOM}" \
		exec $(VENV_PYTHON) -m pytest -s tests/e2e/test_random_walk.py

stop: ## stop the PostgreSQL of this checkout
	@$(SETUP) --stop

clean: ## stop it and remove everything that was set up; downloads stay in the cache
	@$(SETUP) --clean
