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

SOURCES  := $(wildcard store/*.c handlers/*.c service/*.c) openapi/assets.c
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

# The Lua scripts become C strings, with the SHA-1 that EVALSHA wants.
SCRIPTS := $(sort $(wildcard store/lua/*.lua))
$(BUILD)/generated/scripts.c: $(SCRIPTS) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "store/scripts.h"'; for script in $(SCRIPTS); do \
	    echo "const struct script script_$$(basename $$script .lua) = {\"$$(sha1sum < $$script | cut -c1-40)\","; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$script; echo '};'; done; } > $@

# The OpenAPI document and its page, to be carried by the binary.
ASSETS := $(BUILD)/generated/assets_table.c $(BUILD)/generated/assets.S
$(ASSETS) &: openapi/openapi.yaml openapi/build.mjs $(wildcard openapi/docs/*) openapi/node_modules/.built
	node openapi/build.mjs $(BUILD)/generated

openapi/node_modules/.built: openapi/package.json openapi/package-lock.json
	npm --prefix openapi ci --omit=dev --no-audit --no-fund
	@touch $@

.PHONY: all
