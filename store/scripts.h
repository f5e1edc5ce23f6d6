/* The Lua scripts of store/lua, each with its SHA-1 for EVALSHA, made at build time. */
#ifndef STORE_SCRIPTS_H
#define STORE_SCRIPTS_H

struct script {
    const char *sha1; /* 40 hex digits */
    const char *source;
};

extern const struct script script_reserve, script_create, script_describe, script_change,
    script_drop, script_give_back, script_table, script_reown, script_create_serials, script_extend,
    script_confirm, script_settle, script_beat, script_roster, script_index, script_move;

#endif
