-- INSERT: whatever it says, the shard's table must be as PostgreSQL's.
CREATE TABLE t (id serial PRIMARY KEY, v text, n int);
CREATE SEQUENCE s START 100;
INSERT INTO t (v) VALUES ('plain');
INSERT INTO t (v, n) VALUES ('two', 2);
INSERT INTO t (n, v) VALUES (3, 'other order');
INSERT INTO t VALUES (DEFAULT, 'default', DEFAULT);
INSERT INTO t VALUES (nextval('t_id_seq'), 'by hand', 1);
INSERT INTO t VALUES (nextval('s'), 'another sequence', 1);
INSERT INTO t (id, v) VALUES (nextval('s'), 'a'), (nextval('s'), 'b'), (nextval('t_id_seq'), 'c');
INSERT INTO t (id, v, n) VALUES (DEFAULT, 'x', nextval('s')), (DEFAULT, 'y', nextval('s'));
INSERT INTO t (v, n) VALUES ('both', currval('s'));
INSERT INTO t (id, v, n) VALUES (DEFAULT, 'last', lastval());
INSERT INTO t (v, n) VALUES ('text', nextval('s')::int);
INSERT INTO t (v, n) VALUES (nextval('s')::text, CAST(nextval('s') AS int));
INSERT INTO t (v) VALUES (nextval('s'));
INSERT INTO t (v, n) VALUES ('sum', nextval('s') + 1000);
INSERT INTO t (v, n) VALUES ('call', abs(-5));
INSERT INTO t (v, n) VALUES ('nested', greatest(nextval('s'), 5));
INSERT INTO t (v) VALUES ('user-' || nextval('s'));
\shard
SELECT * FROM t ORDER BY id;

-- Strings, comments, and names that look like calls.
INSERT INTO t (v) VALUES ('nextval(''s'')');
INSERT INTO t (v) VALUES ('it''s a DEFAULT');
INSERT INTO t (v) VALUES ($$nextval('s')$$);
INSERT INTO t (v) VALUES ($q$dollar $$ nextval('s')$q$);
INSERT INTO t (v) VALUES (E'escape \' nextval(\'s\') \\');
INSERT INTO t (v) VALUES ('a' -- nextval('s')
);
INSERT /* VALUES */ INTO t /* (v) */ (v) /* nextval('s') */ VALUES /* ( */ ('comment');
INSERT INTO t (v) VALUES ('semi;colon');
INSERT INTO t (v) VALUES ('größe 数 🙂');
INSERT INTO t (v) VALUES ('(paren'), ('theses)'), ('a, b');
INSERT INTO t ("v") VALUES ('quoted column');
INSERT INTO "t" ("id", "v") VALUES (DEFAULT, 'quoted table');
INSERT INTO T (V) VALUES ('FOLDED');
INSERT INTO public.t (v) VALUES ('qualified');
INSERT INTO t AS x (v) VALUES ('alias');
insert into t(v)values('tight');
INSERT INTO t (v)
VALUES
    ('several'),
    ('lines');
INSERT INTO t (v) VALUES (NULL), (NULL);
INSERT INTO t (v, n) VALUES ('neg', -5), ('calc', 2 * (3 + 4)), ('case', CASE WHEN true THEN 1 ELSE 2 END);
INSERT INTO t (v) VALUES (nextval ( 's' )), (NEXTVAL('S')), ("nextval"('s')), (pg_catalog.nextval('public.s'));
SELECT currval('s'), currval('t_id_seq');
\shard
SELECT v, n FROM t ORDER BY id;

-- RETURNING and ON CONFLICT.
INSERT INTO t (v) VALUES ('returned') RETURNING id;
INSERT INTO t (v) VALUES ('r1'), ('r2') RETURNING id, v;
INSERT INTO t (v) VALUES ('star') RETURNING *;
INSERT INTO t (v) VALUES ('named') RETURNING id AS "the id", n IS NULL AS none;
INSERT INTO t (id, v) VALUES (1, 'conflict') ON CONFLICT DO NOTHING;
INSERT INTO t (id, v) VALUES (1, 'conflict') ON CONFLICT (id) DO UPDATE SET v = excluded.v;
INSERT INTO t (id, v) VALUES (1, 'conflict') ON CONFLICT (id) DO UPDATE SET v = 'x' || excluded.v RETURNING *;
INSERT INTO t (v) VALUES ('no conflict') ON CONFLICT (id) DO NOTHING RETURNING id;
INSERT INTO t (id, v) VALUES (2, 'error');
INSERT INTO t (v) VALUES ('after the error') RETURNING id;
SELECT currval('t_id_seq');
INSERT INTO t DEFAULT VALUES;
INSERT INTO t DEFAULT VALUES RETURNING id;
SELECT currval('t_id_seq'), lastval();

-- Failures: nothing for the shard.
INSERT INTO t (v, n) VALUES ('x', nextval('nosuch'));
\differs tables_are_the_shards => error 42P01: relation "t" does not exist
INSERT INTO t (v, n) VALUES ('x', currval('t'));
INSERT INTO t (v) VALUES ('x';
INSERT INTO t (v) VALUES;
INSERT INTO t (v) VALUE ('x');
INSERT INTO t;
INSERT t VALUES (1);
INSERT INTO t (v) VALUES ('x'),;
CREATE SEQUENCE short MAXVALUE 2;
INSERT INTO t (v, n) VALUES ('a', nextval('short')), ('b', nextval('short'));
INSERT INTO t (v, n) VALUES ('a', nextval('short'));
SELECT currval('short');
\shard
SELECT v, n FROM t ORDER BY id;

-- The end of a serial.
CREATE TABLE few (id smallserial, v text);
SELECT setval('few_id_seq', 32766);
INSERT INTO few (v) VALUES ('last');
INSERT INTO few (v) VALUES ('one too many');
\shard
SELECT * FROM few;
CREATE TABLE narrow (id int, v text);
INSERT INTO narrow VALUES (2147483648, 'too wide');
CREATE SEQUENCE wide START 2147483648;
INSERT INTO narrow VALUES (nextval('wide'), 'too wide');
SELECT currval('wide');
\shard
SELECT * FROM narrow;

-- More rows than one might count.
INSERT INTO few VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f'), (7, 'g'), (8, 'h'), (9, 'i'), (10, 'j');
ALTER SEQUENCE few_id_seq RESTART 100 INCREMENT 10;
INSERT INTO few (v) VALUES ('k'), ('l'), ('m'), ('n'), ('o'), ('p'), ('q'), ('r'), ('s'), ('t');
\shard
SELECT * FROM few ORDER BY id;

-- Numbers are taken in the order of the text; PostgreSQL evaluates a single row by the
-- table's columns.
CREATE TABLE ordered (id serial, v bigint);
INSERT INTO ordered (v) VALUES (5);
SELECT setval('ordered_id_seq', 10);
\differs numbers_in_the_texts_order => INSERT (id|v) 11|10
INSERT INTO ordered (v) VALUES (lastval()) RETURNING *;
-- Its place among the others is not seqd's to know.
\differs not_served => error 0A000
INSERT INTO t (v, n) VALUES ('setval', setval('no_such_sequence_here', 500));

-- A number is what nextval returns, a bigint, wherever it stands in an expression.
CREATE TABLE expressions (v text);
INSERT INTO expressions VALUES (((nextval('s')) << 40)::text);
INSERT INTO expressions VALUES (CASE WHEN true THEN nextval('s')END);
INSERT INTO expressions VALUES ((abs(nextval('s')) * 1000000000)::text);
INSERT INTO expressions VALUES ((nextval('s')IS NULL)::text);
INSERT INTO expressions VALUES (pg_typeof(nextval('s'))::text);
INSERT INTO expressions VALUES ("pg_catalog"."nextval"('s')::text || 'x');
INSERT INTO expressions VALUES (to_hex(-nextval('s')));
\shard
SELECT v FROM expressions ORDER BY v;
CREATE TABLE glued(id int GENERATED ALWAYS AS IDENTITY(START 5)PRIMARY KEY,b "serial"UNIQUE);
INSERT INTO glued DEFAULT VALUES;
\shard
SELECT * FROM glued;
CREATE TABLE widened(a serial, b int);
ALTER TABLE widened ADD COLUMN c bigint;
INSERT INTO widened VALUES (DEFAULT, 7, DEFAULT);
\shard
SELECT * FROM widened;
