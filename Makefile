# sscard: GNU make. Everything made goes to build/ (BUILD=... for another).
#
#   make            the commands, in build/bin
#   make demo       installs what is missing, builds, tells the story
#   make check      installs what is missing, builds, runs every test
#   make install    PREFIX=/usr/local DESTDIR=
#   make sanitize valgrind fuzz sweep bench bench-scale lint   see README.md

VERSION = 0.1.0
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DATADIR = $(PREFIX)/share/sscard
BUILD = build

CC = gcc
OPT = -O2 -g
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wwrite-strings -Wvla
HARDEN = -fstack-protector-strong -fPIE
CFLAGS = $(OPT) $(WARN) $(HARDEN)
CPPFLAGS = -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -iquote lib \
	-isystem /usr/include/PCSC -isystem /usr/include/p11-kit-1 \
	-DSS_VERSION='"$(VERSION)"' -DSS_DATADIR='"$(DATADIR)"'
LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LIBS = -ljansson -lcsv -lcrypto -ljpeg -lexif -lsqlite3 -lpcsclite -lpthread

# What building needs, and what testing needs beside it.
BUILD_PACKAGES = gcc make libc6-dev libjansson-dev libcsv-dev libssl-dev \
	libjpeg62-turbo-dev libexif-dev libsqlite3-dev libpq-dev \
	libpcsclite-dev libp11-kit-dev
# A PC/SC service with virtual readers, in a namespace of its own.
PCSC_PACKAGES = pcscd vsmartcard-vpcd opensc iproute2 util-linux
TEST_PACKAGES = perl jq mandoc valgrind faketime tidy python3 zsh fish \
	bash-completion chromium postgresql pcsc-tools python3-pyscard \
	softhsm2 libp11-kit0 openssl python3-botan $(PCSC_PACKAGES)

COMMANDS = $(basename $(notdir $(wildcard cmd/*.c)))
BINS = $(COMMANDS:%=$(BUILD)/bin/%)
LIB = $(BUILD)/libsscard.a
OBJS = $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/*/*.c))
UNITS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%.t,$(wildcard tests/unit/*.c))
TOOLS = $(patsubst tests/tools/%.c,$(BUILD)/tools/%,\
	$(filter-out %-fault.c,$(wildcard tests/tools/*.c))) \
	$(BUILD)/tools/pcsc-fault.so $(BUILD)/tools/token-fault.so \
	$(BUILD)/tools/same-random.so
FUZZERS = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
SCRIPTS = $(wildcard tests/*.t)

all: $(BINS)

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# What is compiled in of PREFIX and VERSION; changes only when they do.
$(BUILD)/compiled-in: FORCE
	@mkdir -p $(@D)
	@echo '$(DATADIR) $(VERSION)' | cmp -s - $@ || \
		echo '$(DATADIR) $(VERSION)' >$@

$(BUILD)/lib/cli/options.o: $(BUILD)/compiled-in

$(LIB): $(OBJS)
	@rm -f $@
	$(AR) rcs $@ $(OBJS)

$(BUILD)/bin/%: $(BUILD)/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(BUILD)/tests/%.t: $(BUILD)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

$(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS)

# Are loaded before others, and so without sanitizers.
$(BUILD)/tools/%.so: tests/tools/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

$(BUILD)/tools/%.so: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

# Beside the register it drives libpq itself.
$(BUILD)/tools/bench-register: LIBS += -lpq

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# Tests. They use what stands in build, never what is installed.
TEST_ENV = SS_TOP="$(CURDIR)" SS_BIN="$(abspath $(BUILD))/bin" \
	SS_TOOLS="$(abspath $(BUILD))/tools" SSCARD_DATA="$(CURDIR)/lib/data"
PROVE = prove -j2

packages:
	@tests/packages $(BUILD_PACKAGES)

test-packages: packages
	@tests/packages $(TEST_PACKAGES)

# What makes photos, and stands in for the commands that need a card.
DEMO_TOOLS = $(BUILD)/tools/make-photo
demo: packages
	@tests/packages jq $(if $(filter pcsc,$(READER)),$(PCSC_PACKAGES))
	@$(MAKE) --no-print-directory -s -j2 all $(DEMO_TOOLS)
	@$(TEST_ENV) tests/demo

check: test-packages
	@$(MAKE) --no-print-directory -j2 test

test: $(BINS) $(UNITS) $(TOOLS)
	$(TEST_ENV) NO_SKIP="$(NO_SKIP)" $(PROVE) $(SCRIPTS) $(UNITS)

# The same tests over a build with AddressSanitizer and UBSan; libfaketime is
# loaded before the sanitizer's library, which would rather be the first.
sanitize: test-packages
	@ASAN_OPTIONS=verify_asan_link_order=0 $(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/sanitize HARDEN= \
		OPT="-O1 -g -fno-omit-frame-pointer \
		-fsanitize=address,undefined -fno-sanitize-recover=undefined" \
		test

# The same tests with every command and unit test under valgrind.
valgrind: test-packages
	@$(MAKE) --no-print-directory -j2 $(BINS) $(UNITS) $(TOOLS)
	@tests/valgrind-wrap $(BUILD) $(BINS) $(UNITS)
	$(TEST_ENV) SS_BIN="$(abspath $(BUILD))/valgrind/bin" SS_SLOW=1 \
		$(PROVE) $(SCRIPTS) $(UNITS:$(BUILD)/tests/%=$(BUILD)/valgrind/tests/%)

# Each fuzzer for FUZZ_SECONDS, from a corpus that the tests' tools make.
FUZZ_SECONDS = 60
FUZZ_CFLAGS = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=undefined
fuzz: test-packages
	@tests/packages clang libclang-rt-14-dev
	@$(MAKE) --no-print-directory -j2 $(BUILD)/tools/make-photo $(BINS)
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/fuzz CC=clang HARDEN= \
		OPT="$(FUZZ_CFLAGS)" fuzzers
	$(TEST_ENV) tests/fuzz/run $(BUILD)/fuzz/fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZERS)

$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) -fsanitize=fuzzer,address,undefined -o $@ $< $(LIB) $(LIBS)

# Figures beside a peer's or a limit's, in the same run.
bench: test-packages
	@$(MAKE) --no-print-directory -s -j2 all tools
	$(TEST_ENV) tests/bench/run
	$(TEST_ENV) tests/bench/register
	$(TEST_ENV) tests/bench/seals
	$(TEST_ENV) tests/bench/card
	$(TEST_ENV) tests/bench/readers

# Ten million applications; takes a quarter of an hour.
bench-scale: test-packages
	@$(MAKE) --no-print-directory -s -j2 all tools
	$(TEST_ENV) tests/bench/register scale

# The long forms of what check runs a seeded part of.
sweep: test-packages
	@$(MAKE) --no-print-directory -j2 $(BINS) $(UNITS) $(TOOLS)
	$(TEST_ENV) SS_SWEEP=1 SS_MODEL_STEPS=20000 $(PROVE) -v \
		tests/sweep.t tests/disk.t tests/model.t tests/card-sweep.t \
		tests/sm.t tests/seals.t tests/seals-verify.t

lint: test-packages
	@tests/packages shellcheck clang clang-tidy cppcheck
	tests/lint

tools: $(TOOLS)

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DATADIR)/policies \
		$(DESTDIR)$(DATADIR)/profiles
	install -m 755 $(BINS) $(DESTDIR)$(BINDIR)
	install -m 644 $(wildcard lib/data/*.json lib/data/*.tsv) \
		$(DESTDIR)$(DATADIR)
	install -m 644 $(wildcard lib/data/policies/*.json) \
		$(DESTDIR)$(DATADIR)/policies
	install -m 644 $(wildcard lib/data/profiles/*.json) \
		$(DESTDIR)$(DATADIR)/profiles
	for s in 1 5 7; do install -d $(DESTDIR)$(MANDIR)/man$$s && \
		install -m 644 man/*.$$s $(DESTDIR)$(MANDIR)/man$$s; done
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	for c in $(COMMANDS); do \
	install -m 644 completions/sscard.bash \
	$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$c && \
	install -m 644 completions/sscard.fish \
	$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$c.fish || exit; \
	done
	install -m 644 completions/_sscard \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions

clean:
	rm -rf $(BUILD)

.PHONY: all packages test-packages demo check test sanitize valgrind fuzz \
	fuzzers bench bench-scale sweep lint tools install clean FORCE
.SECONDARY:
