# casework. `make help` names what there is. Everything works from a fresh clone with Python 3.11 or newer.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 5000
# Two by default: a test of parallel writers needs a core for the database as well.
WORKERS ?= 2
SERVERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
# The distribution's own build first: it is optimised, one that a version manager compiled often is not.
PYTHON ?= $(shell for each in /usr/bin/python3 python3.11 python3.12 python3.13 python3.14 python3; do \
	if "$$each" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$each"; break; fi; done)
CATALOGUES := $(wildcard casework/translations/*/LC_MESSAGES/messages.po)
TYPED := casework config.py wsgi.py tests benchmarks
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

define WAIT
import sys, time, urllib.request
for _ in range(300):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=1).read()
        break
    except OSError:
        time.sleep(0.2)
else:
    sys.exit(1)
endef
export WAIT

define ACCOUNTS

casework (demonstration): http://127.0.0.1:$(PORT)
Password of every account: nuanxin-demo-2020
  zhiyuan   volunteer (GZ)       zixun    counselor (GZ)    dudao    supervisor (GZ)
  zixun2    counselor (SZ)       dudao2   supervisor (SZ)   fuze     project lead (GZ)
  bangong   programme office     guanli   administrator     shenji   auditor
  yishi     consultant psychiatrist
Ctrl-C stops the server. Delete instance/ to begin anew.
endef
export ACCOUNTS

.PHONY: help install run test check bench lock lock-check format routes translations catalogue-check clean

help: ## name what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

install: $(VENV)/.run $(CATALOGUES:.po=.mo) ## make the virtual environment, install what is needed to run, compile translations

run: install ## start the demonstration on http://127.0.0.1:5000 (PORT=5077 make run for another port)
	@export CASEWORK_MODE=demo; instance="$${CASEWORK_INSTANCE_PATH:-instance}"; \
	$(BIN)/python -c 'import socket, sys; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1])))' $(PORT) 2>/dev/null \
		|| { echo "Port $(PORT) is taken. Choose another one: PORT=5077 make run"; exit 1; }; \
	if [ ! -e "$$instance/.demo-ready" ]; then \
		$(BIN)/flask casework init; \
		$(BIN)/flask casework demo; \
		touch "$$instance/.demo-ready"; \
	fi; \
	trap 'kill $$(jobs -p) 2>/dev/null' EXIT; \
	{ $(BIN)/python -c "$$WAIT" $(PORT) && printf '%s\n' "$$ACCOUNTS"; } & \
	$(BIN)/flask casework worker & \
	$(BIN)/granian --interface wsgi --host 127.0.0.1 --port $(PORT) --workers $(SERVERS) --blocking-threads 1 \
		--no-ws --respawn-failed-workers --log-level warning wsgi:app & wait $$!

test: $(VENV)/.dev $(CATALOGUES:.po=.mo) ## run all tests; says which databases and browser took part
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.dev lock-check ## format, lint, types, layers, templates, translations, locks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy --strict $(TYPED)
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/djlint templates --check --lint --quiet
	@$(MAKE) --no-print-directory catalogue-check
	@echo "All checks passed."

catalogue-check: $(VENV)/.dev
	@$(BIN)/python -m tests.support.catalogue

# Without a network nothing can be resolved anew, so this compares names and demands hashes and no address.
lock-check: $(VENV)/.dev
	@$(BIN)/python -m tests.support.locks

bench: $(VENV)/.dev ## measure the goals beside their limits; writes benchmarks/results.json
	@$(BIN)/python -m benchmarks $(ARGS)

lock: $(VENV)/.dev ## resolve the dependencies anew, with hashes and without an index address
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --extra dev --output-file requirements-dev.txt

format: $(VENV)/.dev ## put code and templates into their form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/djlint templates --reformat --quiet || true

translations: $(VENV)/.dev ## collect new strings into the English catalogue
	@$(BIN)/python -m tests.support.catalogue --update

routes: $(VENV)/.dev ## write docs/routes.txt anew
	@$(BIN)/python -m tests.support.routes

clean: ## remove what was built; keeps instance/, which holds data
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/.artifacts
	@find casework tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	@find casework -name '*.mo' -delete

%.mo: %.po $(VENV)/.run
	@$(BIN)/pybabel --quiet compile -i $< -o $@

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] && $(PYTHON) -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "casework needs Python 3.11 or newer with its venv module. On Debian 12: apt-get install python3 python3-venv"; exit 1; }
	@echo "Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# What the development lock installs includes all that is needed to run.
$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing dependencies (once)"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing development dependencies (once)"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.run
