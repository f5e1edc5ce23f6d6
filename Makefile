# seqd: PostgreSQL's sequences as a service. `make help` lists the targets.

CC       ?= gcc
BUILD    ?= build
CSTD      = -std=c17 -D_GNU_SOURCE -I. -I$(BUILD)/generated
WARNINGS  = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wundef -Wvla -Werror
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
OPTIMIZE ?= -O2 -g
SANITIZE ?=
CFLAGS   += $(CSTD) $(WARNINGS) $(OPTIMIZE) $(if $(SANITIZE),$(SANITIZE),$(HARDENING)) -pthread
LDFLAGS  += $(if $(SANITIZE),$(SANITIZE),-pie -Wl,-z,relro,-z,now) -pthread
LDLIBS    = -lmicrohttpd -ljansson -lhiredis -lurcu -lurcu-cds

SOURCES  := $(wildcard store/*.c handlers/*.c service/*.c)
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
LIBRARY  := $(filter-out $(BUILD)/service/main.o,$(OBJECTS))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c $< -o $@

-include $(OBJECTS:.o=.d)
