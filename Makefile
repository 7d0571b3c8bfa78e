# Two commands are all a newcomer needs: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test lint types tests gate size clean

demo: .venv/base ## Index the sample documents and ask them three questions
	$(BIN)/rag index eval/corpus
	$(BIN)/rag ask "오픈AI 한국 법인의 이름은?"
	$(BIN)/rag ask "When is Founders Day?"
	$(BIN)/rag ask "韓国の有料のChatGPT利用者は世界で何位ですか？"

test: lint types tests gate ## Everything that CI runs

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Type-checked as it ships: an editable install is an import hook that no checker follows.
types: .venv/dev
	rm -rf .types build
	$(PIP) install --no-deps --no-build-isolation --target .types .
	cd .types && ../$(BIN)/mypy --config-file ../pyproject.toml -p rag
	MYPYPATH=.types:tests/support:bench $(BIN)/mypy --exclude tests/ui/conftest.py tests bench
	MYPYPATH=.types:tests/support:bench $(BIN)/mypy tests/ui/conftest.py

tests: .venv/dev
	$(BIN)/pytest

gate: .venv/dev
	$(BIN)/rag eval

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
	rm -rf .venv .types build .citewise *.egg-info
