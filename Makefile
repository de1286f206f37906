# Everything runs in .venv, made from the hashed requirements; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= ../shared/data
# Node knows a list of authorities of its own; the system's is what all else here goes by.
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt

.PHONY: help setup demo test check faults bench bench-kafka lint-deploy test-deploy test-clients test-client-java contract format lock clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: .venv/.ready ## Make .venv with everything that is needed

.venv/.ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "naba needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Run the main job on the bundled articles and show each
	@$(BIN)/naba demo

test: check ## Pass all tests
	$(BIN)/pytest -m slow

check: setup ## Format, lint, types, unit tests: under a minute
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 -m "not slow"

faults: setup ## Kill, stop and starve everything on a real Kafka, and print what it did: half an hour
	$(BIN)/python -m tests.faults.run $(FAULTS)

bench: setup ## Print the figures: make bench DATA=../shared/data
	@test -d "$(DATA)" || { echo "bench: DATA=$(DATA) is no folder"; exit 2; }
	@for bench in samples pages metadata speed language copies learned_lines cuts why memory schedule source_latency warc_memory; do \
		echo "== $$bench"; $(BIN)/python tests/benchmarks/$$bench.py --data "$(DATA)" || exit 1; done

bench-kafka: setup ## Print the figures on Kafka: cost, latency, memory (DATA as above)
	@test -d "$(DATA)" || { echo "bench-kafka: DATA=$(DATA) is no folder"; exit 2; }
	@for bench in kafka_cost kafka_latency kafka_memory push_latency; do \
		echo "== $$bench"; $(BIN)/python tests/benchmarks/$$bench.py --data "$(DATA)" || exit 1; done

lint-deploy: .venv/deploy/.ready ## Check the image's recipe and the compose file
	.venv/deploy/bin/hadolint deploy/Dockerfile
	.venv/deploy/bin/yamllint --strict --config-file tests/deploy/yamllint.yaml deploy
	.venv/deploy/bin/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml

.venv/deploy/.ready: .venv/.ready tests/deploy/requirements.txt
	$(PYTHON) -m venv .venv/deploy
	.venv/deploy/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/deploy/requirements.txt
	@touch $@

test-deploy: lint-deploy ## Build the image and run all of deploy/compose.yaml; needs Docker and compose 2.24
	docker build --file deploy/Dockerfile --tag naba:local .
	$(BIN)/pytest tests/deploy/containers.py

test-clients: setup .venv/clients/asyncapi/.ready .venv/clients/quickstart/.ready .venv/clients/kcat/.ready ## Ask the programs of others what they make of it; needs Node, and kcat or apt-get
	$(BIN)/pytest tests/clients/asyncapi/parser.py tests/clients/quickstart/shell_and_node.py

test-client-java: setup .venv/clients/java/.ready ## The same of the Java consumer; needs a JDK 17 and Maven
	$(BIN)/pytest tests/clients/quickstart/java.py

.venv/clients/asyncapi/.ready: tests/clients/asyncapi/package.json
.venv/clients/quickstart/.ready: docs/quickstart/package.json
.venv/clients/asyncapi/.ready .venv/clients/quickstart/.ready:
	@command -v npm >/dev/null || { echo "test-clients: needs Node 18 or newer, with npm"; exit 1; }
	mkdir -p $(@D)
	cp $< $(@D)/
	npm install --prefix $(@D) --ignore-scripts --no-package-lock --no-audit --no-fund --silent
	@touch $@

.venv/clients/kcat/.ready: tests/clients/quickstart/fetch_kcat.sh
	mkdir -p $(@D)
	$< $(@D)
	@touch $@

.venv/clients/java/.ready: docs/quickstart/pom.xml
	@command -v mvn >/dev/null && command -v javac >/dev/null || { echo "test-client-java: needs a JDK from version 17, and Maven"; exit 1; }
	mkdir -p $(@D)
	cp $< $(@D)/
	cd $(@D) && mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
	@touch $@

contract: setup ## Write the schemas, the AsyncAPI document, its page and the tables of fields anew
	$(BIN)/python -m schemas.contract

format: setup ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## Write requirements.txt anew from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra broker --extra postgres --universal --generate-hashes --no-header --no-annotate --quiet -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --constraint requirements.txt --universal --generate-hashes --no-header --no-annotate --quiet -o deploy/requirements.txt
	printf 'hatchling\nsetuptools\n' | $(BIN)/uv pip compile - --constraint requirements.txt --universal --generate-hashes --no-header --no-annotate --quiet -o deploy/build.txt
	printf 'check-jsonschema\nhadolint-bin\nyamllint\n' | $(BIN)/uv pip compile - --universal --generate-hashes --no-header --no-annotate --quiet -o tests/deploy/requirements.txt

clean: ## Remove what was made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
