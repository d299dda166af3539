# Everything starts here: `make run` and `make test`. The work is done by cli/install.py and `tocsin`.

PYTHON ?= python3

.DEFAULT_GOAL := help
.PHONY: help run test evaluate

help: ## Show what can be made, and with which variables.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  ARTICLE=FILE         run: code this article instead of the example"
	@echo "  ONCE=1               run: stop after printing, with status 0 only if records came back"
	@echo "  SET=NAME             evaluate: only this set; REUSE=1 scores the last predictions, MISSES=20 shows errors"
	@echo "  SHARED=FOLDER        evaluate: where gold/ and eval/ are, if not in ../shared"
	@echo "  PYTHON=python3.12    the Python to install with, 3.11 or newer"
	@echo "  TORCH_INDEX_URL=URL  an index of CPU builds of PyTorch, where the default one would bring CUDA"

run: .venv/installed-local ## Install if need be, start everything, code an article, serve until Ctrl-C.
	@exec .venv/bin/tocsin run $(if $(ONCE),--once) $(if $(ARTICLE),'$(ARTICLE)')

test: .venv/installed-local-dev ## Install if need be, check style and types, run all tests.
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest

evaluate: .venv/installed-local ## Measure on the development sets, where ../shared has them.
	@exec .venv/bin/python tools/evaluate.py $(SET) $(if $(SHARED),--shared '$(SHARED)') $(if $(REUSE),--reuse) $(if $(MISSES),--misses $(MISSES))

.venv/installed-%: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: name a Python, 3.11 or newer, with PYTHON=..."; exit 1; }
	@exec $(PYTHON) -I cli/install.py $*
