-- Tables with serial columns: what seqd makes of them goes to a shard, which must then hold the
-- same as PostgreSQL's table (5.11).
CREATE TABLE users (id serial PRIMARY KEY, name text);
SELECT data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value FROM pg_sequences WHERE sequencename = 'users_id_seq';
SELECT pg_get_serial_sequence('users', 'id');
SELECT pg_get_serial_sequence('users', 'name');
SELECT pg_get_serial_sequence('users', 'nocol');
SELECT pg_get_serial_sequence('nosuch', 'id');
SELECT pg_get_serial_sequence('public.users', 'id');
SELECT pg_get_serial_sequence('Users', 'id');
SELECT pg_get_serial_sequence('users', 'ID');
SELECT pg_get_serial_sequence('"Users"', 'id');
SELECT pg_get_serial_sequence(NULL, 'id');
SELECT nextval(pg_get_serial_sequence('users', 'id'));
SELECT setval(pg_get_serial_sequence('users', 'id'), 10);
SELECT currval(pg_get_serial_sequence('users', 'id'));
INSERT INTO users (name) VALUES ('Alice');
SELECT currval('users_id_seq'), lastval();
INSERT INTO users VALUES (DEFAULT, 'Bob');
INSERT INTO users (id, name) VALUES (DEFAULT, 'Carol'), (DEFAULT, 'Dave');
SELECT currval('users_id_seq'), lastval();
INSERT INTO users (id, name) VALUES (nextval('users_id_seq'), 'Eve');
INSERT INTO users (id, name) VALUES (100, 'Explicit');
INSERT INTO users (name) VALUES ('F'), ('G'), ('H');
SELECT currval('users_id_seq'), lastval();
\shard
SELECT * FROM users ORDER BY id;
INSERT INTO users VALUES (100, 'twice');
\shard
SELECT count(*) FROM users;

-- All the kinds, and what they make.
CREATE TABLE kinds (a smallserial, b serial, c bigserial, d serial2, e serial4, f serial8);
SELECT sequencename, data_type, max_value FROM pg_sequences WHERE start_value = 1 ORDER BY sequencename;
INSERT INTO kinds DEFAULT VALUES;
INSERT INTO kinds VALUES (DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT, DEFAULT);
INSERT INTO kinds (c) VALUES (500);
\shard
SELECT * FROM kinds ORDER BY a;
\shard
SELECT attname, format_type(atttypid, NULL) AS type, attnotnull FROM pg_attribute WHERE attrelid = 'kinds'::regclass AND attnum > 0 ORDER BY attnum;
SELECT currval('kinds_a_seq'), currval('kinds_b_seq'), currval('kinds_c_seq'), currval('kinds_f_seq'), lastval();

-- Names of sequences: cut to fit, and numbered when taken.
CREATE TABLE a123456789_123456789_123456789_123456789_123456789 (b123456789_123456789_123456789_123456789 serial);
SELECT sequencename FROM pg_sequences WHERE sequencename = 'a123456789_123456789_12345678_b123456789_123456789_12345678_seq';
CREATE SEQUENCE taken_id_seq;
CREATE TABLE taken (id serial, note text);
INSERT INTO taken (note) VALUES ('x');
SELECT currval('taken_id_seq1');
SELECT pg_get_serial_sequence('taken', 'id');
CREATE TABLE "Quoted" ("Id" serial, "select" text);
INSERT INTO "Quoted" ("select") VALUES ('y');
SELECT currval('"Quoted_Id_seq"'), pg_get_serial_sequence('"Quoted"', 'Id');
\shard
SELECT * FROM "Quoted";
CREATE TABLE public.qualified (id bigserial, v text);
INSERT INTO public.qualified (v) VALUES ('q');
INSERT INTO qualified (v) VALUES ('r');
\shard
SELECT * FROM qualified ORDER BY id;
CREATE TABLE upper_case (ID SERIAL, V TEXT);
INSERT INTO UPPER_CASE (V) VALUES ('z');
\shard
SELECT * FROM upper_case;
CREATE TABLE constrained (id serial PRIMARY KEY, v int CHECK (v > 0) DEFAULT 5, UNIQUE (v), w text NOT NULL);
INSERT INTO constrained (w) VALUES ('default v');
INSERT INTO constrained (v, w) VALUES (-1, 'refused');
INSERT INTO constrained (v, w) VALUES (6, NULL);
INSERT INTO constrained (v, w) VALUES (5, 'not unique');
INSERT INTO constrained (v, w) VALUES (7, 'kept');
\shard
SELECT * FROM constrained ORDER BY id;
SELECT currval('constrained_id_seq');

-- Tables without, and what is wrong.
CREATE TABLE plain (id int, v text);
INSERT INTO plain VALUES (1, 'a'), (2, 'b');
\shard
SELECT * FROM plain ORDER BY id;
CREATE TABLE ids (id int DEFAULT 7, v text);
INSERT INTO ids (v) VALUES ('seven');
\shard
SELECT * FROM ids;
CREATE TABLE wrong (id serial[]);
CREATE TABLE wrong (id serial DEFAULT 5);
CREATE TABLE wrong (id serial NULL);
\differs tables_are_the_shards => error 42701: column "id" specified more than once
CREATE TABLE wrong (id serial, id serial);
CREATE TABLE wrong (id serial;
CREATE TABLE users (id serial);
CREATE TABLE IF NOT EXISTS users (id serial);
CREATE TABLE IF NOT EXISTS users_2 (id serial, v text);
INSERT INTO users_2 (v) VALUES ('x');
\shard
SELECT * FROM users_2;
INSERT INTO nosuchtable (v) VALUES ('x');
INSERT INTO users (nosuchcolumn) VALUES ('x');
INSERT INTO users (name) VALUES ('a', 'b');
INSERT INTO users (id, name) VALUES ('a');

-- A sequence of a serial column can't be dropped alone.
DROP SEQUENCE users_id_seq;
DROP SEQUENCE IF EXISTS users_id_seq;
DROP SEQUENCE users_id_seq RESTRICT;
INSERT INTO users (name) VALUES ('still there');
SELECT currval('users_id_seq');
ALTER SEQUENCE users_id_seq RESTART 1000;
INSERT INTO users (name) VALUES ('thousand');
\shard
SELECT * FROM users ORDER BY id;
DROP TABLE users;
SELECT nextval('users_id_seq');
DROP TABLE users;
DROP TABLE IF EXISTS users;
CREATE TABLE users (id serial, name text);
INSERT INTO users (name) VALUES ('again');
\shard
SELECT * FROM users;
DROP TABLE users, kinds;
SELECT nextval('kinds_a_seq');
DROP TABLE users_2 CASCADE;
SELECT nextval('users_2_id_seq');
CREATE SEQUENCE no_table;
DROP TABLE no_table;
