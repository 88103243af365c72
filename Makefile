# make demo   the main job on a sample province, in under two minutes, nothing but Python needed
# make wheel  dist/syncagent-*.whl, to install elsewhere; needs no network once `make demo` has run
# make test   everything: lint, types, rooms, unit, golden, properties, contract, acceptance, browser, docs
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-warn-script-location
PYTEST := $(BIN)/python -m pytest -q
WORKERS ?= 2

.PHONY: demo wheel test check docs site bench faults mutants fix lock clean

demo: $(VENV)/run
	$(BIN)/python -m syncagent --lang vi demo --dir demo

wheel: $(VENV)/run
	rm -rf dist
	$(BIN)/python -m hatchling build --target wheel --directory dist

# ── what the targets need ─────────────────────────────────────────────────────

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "Debian: apt-get install python3-venv, then make again"; exit 1; }

$(VENV)/run: requirements/run.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/dev.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run

# The extra `kerberos`: gssapi is compiled against Debian's library, with build tools that are pinned as well.
$(VENV)/kerberos: requirements/kerberos.txt requirements/kerberos-build.txt $(VENV)/debian | $(VENV)/dev
	$(PIP) --require-hashes -r requirements/kerberos-build.txt
	$(PIP) --require-hashes --no-build-isolation -r requirements/kerberos.txt
	@touch $@

DEBIAN := chromium poppler-utils postgresql slapd ldap-utils cyrus-imapd sasl2-bin isync groff-base openssl strace faketime \
  samba samba-ad-provision samba-dsdb-modules samba-vfs-modules ldb-tools krb5-user gcc libkrb5-dev python3-dev systemd
SERVICES := slapd smbd nmbd samba-ad-dc postgresql cyrus-imapd saslauthd
FORBID := /usr/sbin/policy-rc.d

# Installed without a question; a service that comes new with a package neither starts now nor at the next boot.
$(VENV)/debian: Makefile
	@missing=""; for package in $(DEBIAN); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" != 0 ]; then echo "as root: apt-get install --no-install-recommends$$missing"; exit 1; fi; \
	  new=""; for service in $(SERVICES); do [ -e /etc/init.d/$$service ] || new="$$new $$service"; done; \
	  if [ ! -e $(FORBID) ]; then \
	    trap 'rm -f $(FORBID)' EXIT; printf '#!/bin/sh\nexit 101\n' > $(FORBID); chmod 755 $(FORBID); \
	  fi; \
	  export DEBIAN_FRONTEND=noninteractive; apt-get update -qq; \
	  apt-get install -y -qq --no-install-recommends$$missing >/dev/null; \
	  for service in $$new; do update-rc.d $$service disable >/dev/null 2>&1 || true; done; \
	fi
	@mkdir -p $(VENV); touch $@

# ── what developers run ───────────────────────────────────────────────────────

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PYTEST) tests/unit -n $(WORKERS) --dist worksteal

test: $(VENV)/dev $(VENV)/kerberos
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PYTEST) tests/unit tests/golden -m "not long" -n $(WORKERS) --dist worksteal --cov --cov-report=term
	$(PYTEST) tests/properties tests/contract tests/docs tests/acceptance tests/browser tests/faults -m "not long" \
	  -n $(WORKERS) --dist worksteal

fix: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/dev
	$(BIN)/python -m tests.docs.generate

site: $(VENV)/dev
	$(BIN)/python -m tests.docs.site build/site

bench: $(VENV)/dev $(VENV)/debian
	$(BIN)/python tests/bench/planning.py build/bench.json
	PYTHONPATH=tests $(BIN)/python tests/bench/reports.py build/bench.json
	$(BIN)/python tests/bench/directories.py build/bench.json
	$(BIN)/python tests/bench/exchange.py build/bench.json
	$(BIN)/python tests/bench/merger.py build/bench.json
	PYTHONPATH=tests $(BIN)/python tests/bench/console.py build/bench.json

faults: $(VENV)/dev $(VENV)/kerberos
	@command -v promtool >/dev/null || { echo "as root: apt-get install --no-install-recommends prometheus"; exit 1; }
	SYNCAGENT_HYPOTHESIS=faults $(PYTEST) tests/properties tests/faults tests/contract -n $(WORKERS) --dist worksteal
	SYNCAGENT_HYPOTHESIS=faults $(PYTEST) tests/unit tests/acceptance -m long -n $(WORKERS) --dist worksteal

mutants: $(VENV)/dev
	$(BIN)/python tests/mutants/run.py build/mutants.json

lock: $(BIN)/python
	$(PIP) uv
	COMPILE="$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet --no-header --no-annotate"; \
	$$COMPILE pyproject.toml -o requirements/run.txt; \
	$$COMPILE --group build -o requirements/build.txt; \
	$$COMPILE pyproject.toml --extra postgresql --extra web -c requirements/run.txt -o requirements/postgresql.txt; \
	$$COMPILE pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt; \
	$$COMPILE --group kerberos-build -o requirements/kerberos-build.txt; \
	$$COMPILE pyproject.toml --extra kerberos -c requirements/run.txt -o requirements/kerberos.txt

clean:
	rm -rf $(VENV) build dist demo .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
