# Two commands are all a fresh machine needs: `make demo` and `make test`. Both make .venv first, from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
# test processes side by side; each takes up to 2 GB
JOBS ?= 2

.PHONY: demo test lint lock clean
.DELETE_ON_ERROR:

demo: .venv/.done
	$(BIN)/materiel run vostochny-2023 --worlds 1024 --seed 7
	$(BIN)/materiel weigh
	$(BIN)/materiel brief -o brief.html

test: .venv/.done
	$(BIN)/python -m pytest -m "not f64" -n $(JOBS) --dist loadfile
	JAX_ENABLE_X64=1 $(BIN)/python -m pytest -m f64 -n $(JOBS) --dist loadfile

lint: .venv/.done
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Debian without python3-venv has no ensurepip: the environment is then made without pip and filled from outside.
.venv/.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "materiel needs Python 3.11 or newer; say which with: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv || $(PYTHON) -m venv --clear --without-pip .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && pip="$(BIN)/python -m pip" || pip="$(PYTHON) -m pip --python $(BIN)/python"; \
		set -ex; \
		$$pip install --quiet --require-hashes -r requirements.lock; \
		$$pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Written again only on purpose, with uv: one set of versions for every Python, and no registry is named.
lock:
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--python-version 3.11 --fork-strategy fewest --output-file requirements.lock

clean:
	rm -rf .venv runs brief.html
