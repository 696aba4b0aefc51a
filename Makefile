# make run    sets up what is missing, then starts the MCU        make test   the whole test suite (ARGS="-k room -x")
# make lint   ruff and mypy        make clean   forgets what was built here; the cache (~/.cache/mcu) and var/ stay
PYTHON ?= python3
ARGS ?=

.PHONY: run test lint setup pins clean

run:
	@$(PYTHON) -m mcu.setup --for run
	@exec .venv/bin/mcu run

setup:
	@$(PYTHON) -m mcu.setup --for test

test:
	@$(PYTHON) -m mcu.setup --for test
	@.venv/bin/python -m pytest $(ARGS)

lint:
	@$(PYTHON) -m mcu.setup --for test
	@.venv/bin/ruff check .
	@.venv/bin/mypy

# After a look at what is new: the versions that .venv has now become those that every set-up installs.
pins:
	@{ echo "# The exact Python packages, written by: make pins"; .venv/bin/pip freeze --exclude mcu --exclude pip --exclude setuptools; } > mcu/setup/constraints.new
	@mv mcu/setup/constraints.new mcu/setup/constraints.txt

clean:
	rm -rf .venv .prefix build web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
