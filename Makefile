# make demo     install what is missing, build, train a deck, check it with plain ngspice
# make test     all tests, the formatting, the golden netlists and what the documentation shows
# make test-slow   all tests, and those that take minutes
# make install PREFIX=/usr/local   the program, which then needs no Swift on the machine and starts faster, with its
#               manual pages and completions for bash, zsh and fish; DESTDIR=… puts all of it below a folder
# make uninstall PREFIX=/usr/local   takes it away again
# make deb      a Debian package, for the release of this machine
# make test-install  what is installed where, the form of the manual pages, completions (a minute)
# make test-deb RELEASE=bookworm   installs the package in a bare Debian and trains there (minutes; if it has to be
#               made for another release first, half an hour)
# make golden   make the golden netlists anew
# make agreement FOLDER=…   how solve and ngspice -b answer every deck below a folder, as a table
# make test-ngspice RELEASE=trixie   demo and all tests in a Debian of another release, with its ngspice
# make test-page   reports in a real browser: numbers, clicks, widths, colours (a minute; installs Chromium)
# make check-docs   whether README.md and docs/ show what the commands print (a minute); SPICELEARN=… is the program
# make docs     the libraries' documentation with their tutorials, in .build/documentation (half a minute)
# make check-tutorials  whether the tutorials' programs compile and print what they say (half a minute)
# make test-python  the Python package with PyPI's numpy (a minute)
# make study    the experiments of docs/studies.md: their figures and tables, in docs/figures
# make soak     whether memory stays flat over 100,000 steps of each way to train (an hour)
# make kill-test  whether trainings that are killed a thousand times end with the same bits (minutes)
# make trace    which programs and files malicious decks get at, under strace (minutes)
# make sanitize all tests with the sanitizers of addresses and of threads (half an hour)
# make fuzz     what strangers' bytes do to the readers, FUZZ_TIME=3600 seconds for each of them
# make bench    the cost of a training step against a bare C loop over libngspice (minutes)
# make bench-optimizers  steps of each optimizer on each deck, as in docs/optimizers.md (minutes)
# make bench-solvers  a step solved by KLU against Sparse 1.3, where ngspice has both (minutes)
# make bench-engines  a training step by the native engine against ngspice, on diodes and transistors (minutes)
# make bench-serve    an update through Python against a training step in process (a minute)
# make bench-live     what train --live takes, without a page and with one that is open (minutes)
# make bench-peers    the cost of a training step against numpy, scipy, JAX, PySpice and others (minutes)
# make bench-nonlinear  diodes and transistors against voltax, neospice, circulax, JAX and libngspice (half an hour)
# make bench-scaling  curves over resistors and samples, bare CHOLMOD, start-up (minutes)
# make bench-lattices  each step of a training on a million resistors in two and in three dimensions (minutes)

SHELL := /bin/bash
# Debug builds run array code a hundred times slower, so everything is built and tested in release.
SWIFT_BUILD := swift build -c release -Xswiftc -enable-testing
# The flag once, as above: with it twice, everything would be built again.
SWIFT_TEST := swift test -c release --disable-testable-imports -Xswiftc -enable-testing
SPICELEARN := .build/release/spicelearn
# A crash in a C library should end the process, not start a back-trace that takes minutes.
export SWIFT_BACKTRACE := enable=no

PREFIX ?= /usr/local
# Apple's systems come with Swift's libraries.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

# What holds Swift's libraries.
INSTALLED := .build/install/release/spicelearn

# What `make test` checks beside the tests, without building.
CHECKS := checked-pages checked-golden checked-docs checked-tutorials checked-documentation

.PHONY: demo test test-slow build standalone install uninstall deb test-install test-deb deps lint golden golden-check study bench bench-solvers bench-engines bench-peers bench-nonlinear bench-serve bench-live soak kill-test trace sanitize fuzz bench-optimizers bench-scaling bench-lattices agreement test-ngspice test-page test-python check-docs docs check-tutorials $(CHECKS) clean

demo: build
	@Scripts/demo.sh $(SPICELEARN)

# One build serves the tests and all that is checked after them. Tests run one after another, so that none
# disturbs the workers and the timing of another, and the one that hangs is known: five minutes for each,
# fifteen for all of them, and as much for the build. What comes after them doesn't mind company.
test: deps lint
	@Scripts/test.sh 900 900 $(SWIFT_BUILD) --build-tests
	@Scripts/test.sh 300 900 $(SWIFT_TEST) --no-parallel
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(CHECKS)

checked-pages:
	@if { command -v apt-get || command -v chromedriver; } >/dev/null; then \
	    MOST_MILLISECONDS=10000 Scripts/test.sh 300 300 Scripts/test-page.sh $(SPICELEARN); \
	else \
	    echo "reports were not opened in a browser: no Chromium and no apt-get to install it"; \
	fi
checked-golden:
	@Scripts/test.sh 300 240 Scripts/golden.sh check $(SPICELEARN)
checked-docs:
	@Scripts/test.sh 300 300 Scripts/check-docs.sh $(SPICELEARN)
checked-tutorials:
	@Scripts/test.sh 300 240 Scripts/check-tutorials.sh .build/release
checked-documentation:
	@Scripts/test.sh 300 240 Scripts/docs.sh .build/release .build/documentation

# With what the gate leaves out, since it takes minutes.
test-slow: deps
	@SLOW_TESTS=1 Scripts/test.sh 900 3600 $(SWIFT_TEST) --no-parallel

build: deps
	$(SWIFT_BUILD) --product spicelearn

standalone: deps
	swift build -c release $(STATIC) --scratch-path .build/install --product spicelearn

install: standalone
	@Scripts/install.sh $(INSTALLED) "$(DESTDIR)$(PREFIX)"

uninstall:
	@Scripts/install.sh --uninstall "$(DESTDIR)$(PREFIX)"

deb: standalone
	@Scripts/make-deb.sh $(INSTALLED)

test-install: build
	@Scripts/test.sh 300 300 Scripts/test-install.sh $(SPICELEARN)

test-deb:
	@Scripts/test-deb.sh "$(RELEASE)"

deps:
	@Scripts/install-dependencies.sh

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzz/Package.swift Fuzz/Sources
	@Scripts/doc-names.pl

golden: build
	@Scripts/golden.sh remake $(SPICELEARN)

golden-check: build
	@Scripts/golden.sh check $(SPICELEARN)

agreement: deps
	AGREEMENT_FOLDER="$(abspath $(FOLDER))" \
	    $(SWIFT_TEST) --filter AgreementTests

test-ngspice:
	@Scripts/test-ngspice.sh "$(RELEASE)"

# PICTURES=folder keeps what the browser drew.
test-page: build
	@Scripts/test.sh 300 300 Scripts/test-page.sh $(SPICELEARN) $(PICTURES)

test-python: build
	@Scripts/test.sh 300 300 Scripts/test-python.sh $(SPICELEARN)

# A program that is named is not built.
check-docs: $(if $(filter command,$(firstword $(origin SPICELEARN))),,build)
	@Scripts/check-docs.sh $(SPICELEARN)

docs: build
	@Scripts/docs.sh .build/release .build/documentation

check-tutorials: build
	@Scripts/check-tutorials.sh .build/release

study: build
	@mkdir -p docs/figures
	@for study in convergence kite genericity conservation nudging; do \
	    echo "== spicelearn study $$study --full"; \
	    $(SPICELEARN) study $$study --full -o docs/figures/$$study.svg || exit; \
	done

bench: build
	@Scripts/bench.sh

bench-optimizers: build
	@Scripts/bench-optimizers.sh $(SPICELEARN)

bench-solvers: build
	@Scripts/bench-solvers.sh $(SPICELEARN)

bench-engines: build
	@python3 Benchmarks/engines/bench.py $(SPICELEARN) netlists

bench-serve: build
	@Scripts/bench-serve.sh $(SPICELEARN)

bench-live: build
	@python3 -B Benchmarks/live/bench.py $(SPICELEARN)

bench-peers: build
	@Scripts/bench-peers.sh

bench-nonlinear: build
	@Scripts/bench-nonlinear.sh $(SPICELEARN)

bench-scaling: build
	@Scripts/bench-scaling.sh

bench-lattices: deps
	@Scripts/bench-lattices.sh

soak: deps
	cd Benchmarks && swift build -c release --product soak && .build/release/soak \
	    ../netlists/two-output.cir ../netlists/diodes.cir ../netlists/bjt-bias.cir

kill-test: build
	@Scripts/kill-test.sh $(SPICELEARN) 1000

trace: build
	@command -v strace >/dev/null || apt-get install -y --no-install-recommends strace
	@Scripts/trace-malicious.sh $(SPICELEARN)

# Swift's runtime and ngspice keep what they allocate, which would pass for leaks.
sanitize: deps
	ASAN_OPTIONS=detect_leaks=0:suppressions=$(CURDIR)/Scripts/address-sanitizer-suppressions.txt \
	$(SWIFT_TEST) \
	    --sanitize=address --scratch-path .build/address
	TSAN_OPTIONS=suppressions=$(CURDIR)/Scripts/thread-sanitizer-suppressions.txt \
	$(SWIFT_TEST) --sanitize=thread --scratch-path .build/thread

# gold, the linker that Swift takes by itself, can't link these.
fuzz: deps
	cd Fuzz && swift build -c release -Xswiftc -sanitize=fuzzer,address \
	    -Xswiftc -assert-config -Xswiftc Debug -Xswiftc -use-ld=lld
	@Scripts/fuzz.sh

clean:
	rm -rf .build Benchmarks/.build Fuzz/.build
