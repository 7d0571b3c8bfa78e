# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

AXE := .venv/axe/node_modules/axe-core/axe.min.js

.PHONY: demo test check docs lint shipped types tests gate blind browser screenshots size clean

demo: .venv/base ## Index the sample documents and ask them three questions
	$(BIN)/rag index eval/corpus
	$(BIN)/rag ask "오픈AI 한국 법인의 이름은?"
	$(BIN)/rag ask "When is Founders Day?"
	$(BIN)/rag ask "サンテルモ灯台博物館は何曜日に開いていますか？"

test: lint types docs tests gate ## Everything that CI runs

check: lint types ## Before each commit: what says in a minute whether `make test` is worth its time
	$(BIN)/pytest -q --numprocesses auto -m "not slow" tests/rag tests/test_architecture.py tests/test_door.py

docs: shipped ## The documentation as a site in .site, every link followed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry rag index ui eval
	$(BIN)/vulture

# Checked and documented as it ships: an editable install is an import hook that no such tool follows.
shipped: .venv/dev
	rm -rf .types build
	$(PIP) install --no-deps --no-build-isolation --target .types .

types: shipped
	MYPYPATH=.types:tests/support:bench $(BIN)/mypy --explicit-package-bases .types/rag tests bench

tests: .venv/dev browser
	$(BIN)/pytest --canary --numprocesses auto --dist loadfile

gate: .venv/dev ## Every third blind question, in a third of the time, and all of our own
	PYTHONPATH=bench $(BIN)/python bench/blind.py --only questions --every 3 --gate eval/blind/thresholds.toml
	$(BIN)/rag eval

blind: .venv/dev ## Means over the questions that nobody reads while building
	PYTHONPATH=bench $(BIN)/python bench/blind.py --only questions --gate eval/blind/thresholds.toml

screenshots: .venv/dev browser ## The pictures in docs/images, of the chat over the sample documents
	PYTHONPATH=tests/support $(BIN)/python bench/screenshots.py

# What the tests of the chat need besides Python. Without it they are skipped, in CI they fail.
browser: $(AXE)
	@{ command -v chromium && { command -v firefox-esr || command -v firefox; }; } >/dev/null || { test "$$(id -u)" = 0 && \
	  apt-get -q update && \
	  apt-get -q install -y --no-install-recommends chromium firefox-esr fonts-noto-cjk fonts-noto-color-emoji; } || \
	  echo "Tests of the chat are skipped: install chromium and firefox-esr."

# MPL-2.0 and only for tests, so it is fetched and not kept here.
$(AXE): .venv/base
	@npm install --prefix .venv/axe --no-save --no-audit --no-fund axe-core@4.14.1 || \
	  echo "Tests of accessibility are skipped: install npm."

size: .venv/base ## Megabytes of each installed package
	du -sm $(BIN)/../lib/python*/site-packages/* | sort -rn | head -20

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) install -c constraints.txt -e .
	touch $@

# torch first and by exact version, so that no resolver picks a build of several GB.
.venv/dev: .venv/base
	$(PIP) install -c constraints.txt torch==2.13.0
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv .types .site build .citewise *.egg-info
