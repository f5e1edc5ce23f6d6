/* The handlers of the route table: each parses, calls the store, and replies. */
#ifndef HANDLERS_HANDLERS_H
#define HANDLERS_HANDLERS_H

struct request;

/* sequences.c */
void handle_list_sequences(struct request *request);
void handle_create_sequence(struct request *request);
void handle_get_sequence(struct request *request);
void handle_alter_sequence(struct request *request);
void handle_drop_sequence(struct request *request);

/* values.c */
void handle_nextval(struct request *request);
void handle_range(struct request *request);
void handle_setval(struct request *request);
void handle_advance(struct request *request);

/* ranges.c */
void handle_ranges(struct request *request);

/* sessions.c */
void handle_currval(struct request *request);
void handle_lastval(struct request *request);

/* tables.c */
void handle_create_serial(struct request *request);
void handle_list_serials(struct request *request);
void handle_drop_serials(struct request *request);

/* sql.c */
void handle_sql(struct request *request);

/* nodes.c */
void handle_list_nodes(struct request *request);

/* operations.c */
void handle_livez(struct request *request);
void handle_readyz(struct request *request);
void handle_asset(struct request *request);

/* metrics.c */
void handle_metrics(struct request *request);

#endif
