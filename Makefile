# logpane: make help lists what there is.
# Settings: BROTLI (0..11, quality of the browser files), FUZZTIME, COUNT, RUN_FLAGS.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO       ?= go
BROTLI   ?= 11
FUZZTIME ?= 10s
COUNT    ?= 5
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X main.version=$(VERSION)
# Packages with tests that need a real browser: build tag e2e.
E2E = $(shell grep -rl --include='*_test.go' --exclude-dir=.build '^//go:build e2e' . | xargs -r -n1 dirname | sort -u)

.PHONY: help build browser run test unit e2e chromium bench size fuzz lint clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

build: browser ## build bin/logpane: one static binary with everything embedded
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags='$(LDFLAGS)' -o bin/logpane ./bff

browser: ## build what browsers download into static/built
	@$(GO) run ./static/pack -brotli $(BROTLI)

# A browser on the same machine gains nothing from the last tenth of compression.
run: BROTLI := 5
run: build ## build and serve http://127.0.0.1:8080 with the demo vendors
	bin/logpane --demo $(RUN_FLAGS)

test: lint unit e2e size ## all checks: lint, tests with the race detector, tests in Chromium, size budget

unit: browser ## tests that need no browser
	$(GO) test -race -shuffle=on -timeout 20m ./...

# One package at a time: each starts Chromium, and their timings matter.
e2e: browser chromium ## tests in a real Chromium (build tag e2e)
	$(if $(E2E),$(GO) test -tags e2e -run E2E -count=1 -p 1 -timeout 30m $(E2E),@echo "no browser tests"; exit 1)

chromium:
	@if command -v chromium chromium-browser google-chrome >/dev/null; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "Chromium is missing: install it so that 'chromium' is in PATH"; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as="sudo -n"; \
	else echo "Chromium is missing: run 'sudo apt-get install chromium', then again"; exit 1; fi; \
	$$as apt-get update -q && DEBIAN_FRONTEND=noninteractive $$as apt-get install -q -y --no-install-recommends chromium

bench: build chromium ## run the benchmarks COUNT times, those in Chromium included
	$(GO) test -tags e2e -run='^$$' -bench=. -benchmem -count=$(COUNT) -p 1 ./...

size: build ## print the sizes of app.wasm, against its budget, and of the binary
	@$(GO) run ./static/pack -sizes
	@printf '%-26s %10d\n' bin/logpane "$$(stat -c %s bin/logpane)"

# Minimizing an input may take a minute each, of a FUZZTIME that is shorter: few tries do.
fuzz: browser ## run every fuzz target for FUZZTIME
	@grep -rn --include='*_test.go' --exclude-dir=.build -o '^func Fuzz[A-Za-z0-9_]*' . | sed 's/:[0-9]*:func / /' | \
	while read -r file target; do \
		echo "== $$(dirname "$$file") $$target"; \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=10x "$$(dirname "$$file")"; \
	done

lint: browser ## gofmt, go vet and staticcheck, for the server and for the browser
	@out=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); if [ -n "$$out" ]; then echo "gofmt needed:"; echo "$$out"; exit 1; fi
	$(GO) vet -tags e2e ./...
	GOOS=js GOARCH=wasm $(GO) vet ./wasm $$(test -d web && echo ./web/...)
	$(GO) tool staticcheck -tags e2e ./...
	GOOS=js GOARCH=wasm $(GO) build -o /dev/null ./wasm # with go-app as published

clean: ## remove everything that was built
	rm -rf bin .build
	find static/built -mindepth 1 ! -name .gitkeep -delete
