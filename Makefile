# seqd: PostgreSQL's sequences as a service. `make help` lists the targets.

CC       ?= gcc
BUILD    ?= build
PREFIX   ?= /usr/local
CSTD      = -std=c17 -D_GNU_SOURCE -I. -I$(BUILD)/generated
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wundef -Wvla -Werror
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPTIMIZE ?= -O2 -g
SANITIZE ?=
CFLAGS   += $(CSTD) $(WARNINGS) $(OPTIMIZE) $(if $(SANITIZE),$(SANITIZE),$(HARDENING)) -pthread
LDFLAGS  += $(if $(SANITIZE),$(SANITIZE),-pie -Wl,-z,relro,-z,now) -pthread
LDLIBS    = -lmicrohttpd -ljansson -lhiredis -lurcu -lurcu-cds

SOURCES  := $(wildcard store/*.c handlers/*.c handlers/sql/*.c service/*.c) openapi/assets.c
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o) \
            $(addprefix $(BUILD)/generated/,scripts.o assets_table.o assets.o)
LIBRARY  := $(filter-out $(BUILD)/service/main.o,$(OBJECTS))

all: $(BUILD)/seqd ## build build/seqd, and touch nothing outside build/

$(BUILD)/seqd: $(OBJECTS)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/generated/%.o: $(BUILD)/generated/%.c
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -c $< -o $@

$(BUILD)/generated/assets.o: $(BUILD)/generated/assets.S
	@$(CC) -c $< -o $@

-include $(OBJECTS:.o=.d)

# The Lua scripts become C strings, with the SHA-1 that EVALSHA wants; those that name a function of
# lib/ceiling.lua have it before them. Comments stay here.
SCRIPTS    := $(sort $(wildcard store/lua/*.lua))
SCRIPT_LIB := store/lua/lib/ceiling.lua
$(BUILD)/generated/scripts.c: $(SCRIPTS) $(SCRIPT_LIB) Makefile
	@mkdir -p $(BUILD)/generated/lua
	@{ echo '#include "store/scripts.h"'; for script in $(SCRIPTS); do \
	    whole=$(BUILD)/generated/lua/$$(basename $$script); \
	    lib=$$(grep -qE '(adopt|safe_counter|begin_ceiling|server_identity|less)\(' $$script && echo $(SCRIPT_LIB)); \
	    sed '/^ *--/d' $$lib $$script > $$whole; \
	    echo "const struct script script_$$(basename $$script .lua) = {\"$$(sha1sum < $$whole | cut -c1-40)\","; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$whole; echo '};'; done; } > $@

# The OpenAPI document and its page, to be carried by the binary.
ASSETS := $(BUILD)/generated/assets_table.c $(BUILD)/generated/assets.S
$(ASSETS) &: openapi/openapi.yaml openapi/build.mjs $(wildcard openapi/docs/*) openapi/node_modules/.built
	node openapi/build.mjs $(BUILD)/generated

openapi/node_modules/.built: openapi/package.json openapi/package-lock.json
	npm --prefix openapi ci --omit=dev --no-audit --no-fund
	@touch $@

# --- Running and installing ---------------------------------------------------------

BUILD_PACKAGES   = gcc libc6-dev make libmicrohttpd-dev libjansson-dev libhiredis-dev liburcu-dev \
                   uthash-dev node npm
RUN_PACKAGES     = redis-server
TEST_PACKAGES    = libcriterion-dev libcurl4-openssl-dev curl chromium prometheus postgresql libpq-dev spin \
                   $(CHAOS_PACKAGES)
CHECK_PACKAGES   = clang libclang-rt-14-dev clang-format clang-tidy shellcheck jq systemd
BENCH_PACKAGES   = wrk webdis postgresql libpq-dev
CHAOS_PACKAGES   = strace nftables
IMAGE_PACKAGES   = buildah debootstrap jq iproute2 procps
INSTALL_PACKAGES = bash tests/install_packages.sh

run: ## install what is missing, build, and start seqd on http://127.0.0.1:8080
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(RUN_PACKAGES)
	@$(MAKE) --no-print-directory all
	$(BUILD)/seqd $(ARGS)

install: all ## copy seqd to $(DESTDIR)$(PREFIX)/bin
	install -D -m 0755 $(BUILD)/seqd $(DESTDIR)$(PREFIX)/bin/seqd

# --- Tests --------------------------------------------------------------------------

ASAN = $(MAKE) --no-print-directory BUILD=build/asan OPTIMIZE="-O1 -g" \
       SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer"
TSAN = $(MAKE) --no-print-directory BUILD=build/tsan OPTIMIZE="-O1 -g" SANITIZE="-fsanitize=thread"

UNIT_TESTS        := $(filter-out tests/store/stress.c,$(wildcard tests/store/*.c tests/service/*.c tests/handlers/*.c))
INTEGRATION_TESTS := $(wildcard tests/integration/*.c tests/process/*.c)
DIFFERENTIAL_TEST := $(wildcard tests/differential/*.c tests/process/*.c)
CHAOS_TEST        := $(wildcard tests/chaos/*.c tests/process/*.c) tests/differential/random.c
test_objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
-include $(patsubst %.o,%.d,$(call test_objects,$(wildcard tests/*/*.c)))

$(BUILD)/tests/unit: $(call test_objects,$(UNIT_TESTS)) $(LIBRARY)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -lcriterion -o $@

$(BUILD)/tests/integration-tests: $(call test_objects,$(INTEGRATION_TESTS))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ -lcriterion -lcurl -ljansson -lhiredis -o $@

$(call test_objects,$(DIFFERENTIAL_TEST)): CFLAGS += -isystem $(shell pg_config --includedir)
$(BUILD)/tests/differential-test: $(call test_objects,$(DIFFERENTIAL_TEST))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ -lpq -lcurl -ljansson -o $@

$(BUILD)/tests/chaos-test: $(call test_objects,$(CHAOS_TEST))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ -ljansson -lhiredis -o $@

# For LD_PRELOAD: what goes wrong inside a process.
SHIMS := $(patsubst tests/chaos/shim/%.c,$(BUILD)/tests/%.so,$(wildcard tests/chaos/shim/*.c))
$(SHIMS): $(BUILD)/tests/%.so: tests/chaos/shim/%.c tests/chaos/shim/control.h
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CSTD) $(WARNINGS) $(OPTIMIZE) -fPIC -shared $< -o $@

$(BUILD)/tests/stress: $(BUILD)/tests/store/stress.o $(LIBRARY)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

# DURABILITY=none, and so on: given to seqd as --durability, whatever a fault's setup says.
CHAOS = $(BUILD)/tests/chaos-test --seqd $(BUILD)/seqd --shims $(BUILD)/tests --keep $(BUILD)/chaos

openapi/node_modules/.complete: openapi/package.json openapi/package-lock.json
	npm --prefix openapi ci --no-audit --no-fund
	@touch $@ openapi/node_modules/.built

# Objects of the fuzzer's own: clang's instrumentation.
FUZZ = $(MAKE) --no-print-directory BUILD=build/fuzz CC=clang OPTIMIZE="-O2 -g" \
       SANITIZE="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"

$(BUILD)/tests/fuzz-sql: $(call test_objects,$(filter-out tests/fuzz/linear.c,$(wildcard tests/fuzz/*.c))) $(LIBRARY)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer $^ $(LDLIBS) -o $@

$(BUILD)/tests/linear: $(call test_objects,$(filter-out tests/fuzz/fuzz_sql.c,$(wildcard tests/fuzz/*.c))) $(LIBRARY)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

test: ## install what is missing, build, and run every test
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES)
	@$(MAKE) --no-print-directory openapi/node_modules/.complete
	@$(MAKE) --no-print-directory all build/tests/integration-tests
	@$(MAKE) --no-print-directory test-unit test-threads test-integration test-differential \
	    test-openapi test-readme test-model test-chaos

test-unit: # every module, under ASan and UBSan
	@$(ASAN) build/asan/tests/unit
	build/asan/tests/unit

test-threads: # the concurrent core by itself, and three nodes under load, under TSan
	@$(TSAN) build/tsan/tests/stress build/tsan/seqd
	@$(MAKE) --no-print-directory $(BUILD)/tests/integration-tests
	build/tsan/tests/stress
	TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp" SEQD_BINARY=build/tsan/seqd \
	    SEQD_VALUES=300000 $(BUILD)/tests/integration-tests --filter 'c[lo]*/*'

test-integration: # real processes: seqd under ASan and UBSan, redis-server, clients
	@$(ASAN) build/asan/seqd
	@$(MAKE) --no-print-directory all $(BUILD)/tests/integration-tests
	@rm -f $(BUILD)/replies.jsonl
	SEQD_RECORD=$(abspath $(BUILD))/replies.jsonl $(BUILD)/tests/integration-tests --jobs 2

test-differential: # the same statements to PostgreSQL and to seqd, by SQL and by REST
	@$(ASAN) build/asan/seqd
	@$(MAKE) --no-print-directory $(BUILD)/tests/differential-test
	$(BUILD)/tests/differential-test --statements 200000
	$(BUILD)/tests/differential-test --rest --statements 50000

test-chaos: # the checker finds what is put in; a choice of faults; without durability it must see them
	@$(MAKE) --no-print-directory all $(BUILD)/tests/chaos-test $(SHIMS)
	$(BUILD)/tests/chaos-test --self-test
	$(CHAOS) --brief
	$(CHAOS) --overlap 2 --faults 3,5,14
	$(CHAOS) --durability none --expect-duplicates --faults 7,8

test-openapi: # the replies recorded by test-integration, the document, and its page
	node tests/openapi/check_document.mjs
	node tests/openapi/validate.mjs --min-coverage=98 $(BUILD)/replies.jsonl
	bash tests/openapi/docs.sh $(BUILD)/seqd

test-readme: # the README's tour, command by command
	node tests/readme/tour.mjs $(BUILD)/seqd README.md

test-model: # that no ordinal is handed out twice when Redis loses data: every state of a small model
	bash tests/model/check.sh $(BUILD)

# --- Checks -------------------------------------------------------------------------

C_FILES  = $(wildcard $(addsuffix /*.[ch],store handlers handlers/sql service openapi tests/* tests/*/*))
SH_FILES = $(wildcard $(addsuffix /*.sh,deploy tests tests/*)) .ci/run

check: ## format, warnings of two compilers, clang-tidy, lints, drift
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(RUN_PACKAGES) $(TEST_PACKAGES) $(CHECK_PACKAGES)
	@$(MAKE) --no-print-directory openapi/node_modules/.complete all
	@$(MAKE) --no-print-directory check-format check-warnings check-tidy check-scripts check-openapi \
	    check-deploy check-fuzz

check-format:
	clang-format --dry-run -Werror $(C_FILES)

check-warnings: # gcc's are errors in every build; these are clang's
	@$(MAKE) --no-print-directory BUILD=build/clang CC=clang build/clang/seqd

check-tidy:
	clang-tidy --quiet $(SOURCES) -- $(CSTD) 2>/dev/null

check-fuzz: # the parser: what was found interesting, again, and long texts
	@$(FUZZ) build/fuzz/tests/fuzz-sql
	@$(MAKE) --no-print-directory build/tests/linear
	build/fuzz/tests/fuzz-sql -runs=0 -verbosity=0 tests/fuzz/corpus
	build/tests/linear

check-scripts:
	shellcheck $(SH_FILES)

check-openapi: # lints without an error or a warning; and the document follows the code
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true npm --prefix openapi run -s lint
	node tests/openapi/check_document.mjs

check-deploy: # the manifests name only what the binary knows
	bash tests/deploy/check.sh $(BUILD)/seqd

# --- Fuzzing ------------------------------------------------------------------------

FUZZ_RUNS ?= 10000000

fuzz: ## fuzz the SQL parser; what is new goes to build/fuzz/corpus
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(CHECK_PACKAGES)
	@$(FUZZ) build/fuzz/tests/fuzz-sql
	@mkdir -p build/fuzz/corpus
	build/fuzz/tests/fuzz-sql -runs=$(FUZZ_RUNS) -max_len=4096 -timeout=20 -dict=tests/fuzz/sql.dict \
	    -artifact_prefix=build/fuzz/ build/fuzz/corpus tests/fuzz/corpus

# --- Chaos --------------------------------------------------------------------------

chaos: ## strike seqd and Redis under load, and check what clients were told (ARGS="--minutes 10")
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(RUN_PACKAGES) $(CHAOS_PACKAGES)
	@$(MAKE) --no-print-directory all $(BUILD)/tests/chaos-test $(SHIMS)
	$(CHAOS) $(if $(DURABILITY),--durability $(DURABILITY)) $(ARGS)

# --- The image -----------------------------------------------------------------------

test-image: ## build the image without a Docker engine, and try it (root, Debian 12)
	@$(INSTALL_PACKAGES) $(IMAGE_PACKAGES)
	bash tests/image/build_image.sh

# --- Measuring ----------------------------------------------------------------------

$(BUILD)/tests/floor: $(BUILD)/tests/bench/floor.o
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

$(BUILD)/tests/take: $(BUILD)/tests/bench/take.o $(LIBRARY)
	@$(CC) $(LDFLAGS) $^ $(LDLIBS) -o $@

bench: ## measure, side by side with what it is measured against
	@$(INSTALL_PACKAGES) $(BUILD_PACKAGES) $(RUN_PACKAGES) $(BENCH_PACKAGES) curl
	@$(MAKE) --no-print-directory all $(BUILD)/tests/floor $(BUILD)/tests/take
	bash tests/bench/bench.sh

clean: ## remove what was built
	rm -rf build openapi/node_modules

help: ## print this
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: all run install test test-unit test-threads test-integration test-differential test-openapi test-readme test-model \
        test-chaos check check-format check-warnings check-tidy check-scripts check-openapi check-deploy check-fuzz fuzz chaos \
        test-image \
        bench clean help
