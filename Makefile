# Netra: every task of the project. `make` alone lists them.
SHELL         := /bin/bash
.SHELLFLAGS   := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
GO_FLAGS := -trimpath -ldflags "-X github.com/netra-id/netra/pipeline/version.Version=$(VERSION)"
ENGINE   := deploy/engine/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
WEB      := pipeline/console/web
JARS     := .cache/kafka/jars
LINT     := .cache/bin/golangci-lint
GO_FILES := cmd pipeline classifiers deploy bench
LABELLED := classifiers/evaluate/data

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- run

.PHONY: demo
demo: build engine ## set everything up and run Netra with sample posts on this machine
	@exec ./bin/netra demo $(DEMO_FLAGS)

.PHONY: build
build: web ## bin/netra
	@echo "building bin/netra (the first time takes a few minutes)"
	@go build $(GO_FLAGS) -pgo=deploy/netra.pgo -o bin/netra ./cmd/netra

.PHONY: engine
engine: $(ENGINE) ## the ClickHouse engine library, by npm, once (178 MB)

$(ENGINE): deploy/engine/package-lock.json
	@echo "fetching the ClickHouse engine library by npm (178 MB, once)"
	npm ci --prefix deploy/engine --no-audit --no-fund --loglevel=http
	@touch $@

.PHONY: web
web: $(WEB)/node_modules/.done ## the console's JavaScript, by npm

$(WEB)/node_modules/.done: $(WEB)/package-lock.json $(WEB)/build.mjs $(wildcard $(WEB)/src/*.js)
	@echo "fetching the console's JavaScript by npm"
	npm ci --prefix $(WEB) --no-audit --no-fund
	npm run --prefix $(WEB) build
	@touch $@

.PHONY: kafka
kafka: build kafka-jars ## a real Apache Kafka on 127.0.0.1:9092, until Ctrl-C
	go run ./pipeline/queue/realkafka/serve

.PHONY: kafka-jars
kafka-jars: $(JARS)/.done ## Apache Kafka's jars, by Maven, once

$(JARS)/.done: deploy/kafka/pom.xml
	@echo "fetching Apache Kafka by Maven (once)"
	mvn --batch-mode --no-transfer-progress -f deploy/kafka/pom.xml dependency:copy-dependencies
	@touch $@

# ---- check

.PHONY: test
test: test-tools engine web kafka-jars ## all tests, with all that they need set up first
	go vet ./...
	go test -timeout 30m ./...
	$(MAKE) --no-print-directory e2e chaos-short compose-check helm-check

.PHONY: test-tools
test-tools:
	@deploy/install-test-tools.sh

.PHONY: race
race: engine kafka-jars ## all Go tests under the race detector
	go test -race -timeout 60m ./...

.PHONY: e2e
e2e: web engine ## the console in a real browser
	NETRA_CHROMIUM="$$(command -v chromium)" NETRA_ARTIFACTS=$(CURDIR)/artifacts/console \
	  go test -count=1 -timeout 25m -run InBrowser ./pipeline/console/ ./cmd/netra/

.PHONY: lint
lint: $(LINT) ## gofmt, go vet, golangci-lint
	@unformatted="$$(gofmt -l $(GO_FILES))"; test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	go vet ./...
	$(LINT) run ./...
	cd bench && ../$(LINT) run ./...

$(LINT):
	GOBIN="$(CURDIR)/.cache/bin" GOFLAGS= go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0

.PHONY: compose-check
compose-check: ## docker-compose.yml is well formed
	go test -count=1 ./deploy/...

.PHONY: alarms-check
alarms-check: test-tools engine ## the alarms: rules and their cases, runbooks, Grafana's, and a live Prometheus
	go test -count=1 -v ./dashboards/prometheus/
	go test -count=1 -v -run 'TestAlarms|TestCommandsOfTheRunbooks' ./cmd/netra/

.PHONY: helm-check
helm-check: ## the Helm chart by Helm's own linter and engine, and by Kubernetes' own types
	cd deploy/helm/check && go vet ./... && go test -count=1 ./...

.PHONY: chaos
chaos: build engine kafka-jars ## kill workers, brokers and engine under load; lost 0, stored twice 0
	./bin/netra chaos --broker embedded --kills 30 --duration 4m
	./bin/netra chaos --broker kafka --kills 30 --duration 4m

.PHONY: chaos-cluster
chaos-cluster: build engine kafka-jars ## three real brokers, killed and restarted in turn under load; lost 0, stored twice 0
	./bin/netra chaos --broker cluster --kills 60 --duration 6m

.PHONY: collect-sim
collect-sim: ## the collectors' scheduler with 100,000 accounts on a virtual clock, about ten minutes
	go test -count=1 -timeout 90m -v -run TestSimulation ./pipeline/collect -sim.accounts 100000 -sim.days 4

.PHONY: chaos-short
chaos-short: build engine kafka-jars ## chaos on the brokers and on a cluster of three in less than two minutes
	./bin/netra chaos --broker embedded --short --kills 6 --duration 8s
	./bin/netra chaos --broker kafka --short --kills 6 --duration 8s
	./bin/netra chaos --broker cluster --short --kills 8 --duration 15s

# ---- measure

.PHONY: bench
bench: build engine kafka-jars ## side by side with peers: one table with the aims (docs/benchmarks.md)
	@command -v kcat >/dev/null || { echo "installing kcat by apt"; apt-get install -y -qq --no-install-recommends kcat >/dev/null; }
	cd bench && go run ./all

.PHONY: profile
profile: ## the profiles by which the compiler optimises bin/netra and bench/classify, two minutes
	@mkdir -p .cache
	cd bench && go build -pgo=off -o ../.cache/profiled ./classify
	./.cache/profiled -cpuprofile .cache/netra.pgo
	./.cache/profiled -cpuprofile .cache/plain.pgo -plain
	go tool pprof -proto .cache/netra.pgo > deploy/netra.pgo
	go tool pprof -proto .cache/netra.pgo .cache/plain.pgo > bench/classify/default.pgo
	@rm -f .cache/profiled .cache/netra.pgo .cache/plain.pgo

.PHONY: bench-console
bench-console: engine web ## 100 analysts at work on a million flagged posts, on SQLite and PostgreSQL: about half an hour
	go test -count=1 -timeout 2h -v -run TestLoad ./pipeline/console/load -load.items 1000000

.PHONY: bench-coordinated
bench-coordinated: engine ## campaigns planted among a day's posts of 100,000 accounts: how many are found, and the time; about five minutes
	go test -count=1 -timeout 1h -v -run TestMeasure ./pipeline/coordinated -coordinated.posts 3300000

.PHONY: bench-dashboards
bench-dashboards: engine ## every panel's query over 100 million counted posts: some ten minutes
	go test -run '^$$' -bench Panels -benchtime 7x -timeout 60m ./dashboards/

.PHONY: bench-evidence
bench-evidence: ## 100,000 pieces sealed, and a pack of 500 posts made and verified: three minutes
	go test -run XXX -bench PiecesSealed -benchtime 1x -timeout 1h ./pipeline/evidence/seal
	go test -run XXX -bench 'Pack|Proofs' -benchtime 1x -timeout 1h ./pipeline/evidence/pack

.PHONY: eval
eval: build ## the figures of docs/evaluation.md
	@for set in $(LABELLED)/dev-*.tsv $(LABELLED)/test-*.tsv; do \
	  echo "== $$set"; ./bin/netra eval $$set --contestants $${set%.tsv}.yaml --no-errors; done

.PHONY: train
train: build ## fit the shipped weights again (needs ../shared/data)
	./deploy/train.sh

# ---- release

.PHONY: release
release: web ## archives, .deb, .rpm, list of parts, licences, notes and checksums in dist/
	go run ./deploy/release -out dist

.PHONY: release-check
release-check: web ## make the release twice, compare, run the program from the package (some minutes)
	deploy/release/check.sh

.PHONY: upgrade-check
upgrade-check: build engine kafka-jars ## workers of an older commit (OLD=…) and of this one side by side, migrated under load
	deploy/upgrade-check.sh

# ---- write

.PHONY: guide-images
guide-images: build engine ## the pictures of docs/panduan-analis.md, from a demo that runs for half a minute
	@command -v pngquant >/dev/null || { echo "installing pngquant by apt"; apt-get install -y -qq --no-install-recommends pngquant >/dev/null; }
	cd $(WEB) && NETRA_CHROMIUM="$$(command -v chromium)" node guide.mjs
