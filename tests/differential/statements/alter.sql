-- ALTER SEQUENCE (5.7).
CREATE SEQUENCE s START 10;
SELECT nextval('s'), nextval('s');
ALTER SEQUENCE s RESTART;
SELECT last_value, is_called FROM s;
SELECT currval('s');
SELECT nextval('s');
ALTER SEQUENCE s RESTART WITH 20;
SELECT last_value, is_called FROM s;
SELECT last_value FROM pg_sequences WHERE sequencename = 's';
SELECT nextval('s');
ALTER SEQUENCE s RESTART 30;
SELECT nextval('s');
ALTER SEQUENCE s RESTART 0;
ALTER SEQUENCE s RESTART WITH -1;
ALTER SEQUENCE s RESTART WITH 9223372036854775808;
ALTER SEQUENCE s RESTART WITH 1.5;
SELECT last_value, is_called FROM s;

-- START is for a later RESTART only.
ALTER SEQUENCE s START 5;
SELECT last_value, is_called FROM s;
SELECT nextval('s');
ALTER SEQUENCE s RESTART;
SELECT nextval('s');
ALTER SEQUENCE s START 7 RESTART;
SELECT nextval('s');
ALTER SEQUENCE s RESTART START WITH 8;
SELECT nextval('s');
ALTER SEQUENCE s START 0;
ALTER SEQUENCE s START 8 RESTART 9 START 10;

-- Bounds against START and against where it stands; PostgreSQL says RESTART though none was given.
SELECT setval('s', 500);
ALTER SEQUENCE s MAXVALUE 100;
ALTER SEQUENCE s MAXVALUE 500;
SELECT nextval('s');
ALTER SEQUENCE s MAXVALUE 501;
SELECT nextval('s');
SELECT nextval('s');
ALTER SEQUENCE s MINVALUE 20;
ALTER SEQUENCE s MINVALUE 20 START 20;
ALTER SEQUENCE s MINVALUE 502 START 502;
ALTER SEQUENCE s MINVALUE 502;
ALTER SEQUENCE s MINVALUE 400 MAXVALUE 300;
ALTER SEQUENCE s MAXVALUE 300 RESTART 100;
SELECT nextval('s');
ALTER SEQUENCE s NO MINVALUE;
ALTER SEQUENCE s NO MAXVALUE;
SELECT start_value, min_value, max_value, increment_by, cycle, cache_size, last_value FROM pg_sequences WHERE sequencename = 's';

-- INCREMENT: from the last value; the bounds stay.
CREATE SEQUENCE i;
SELECT nextval('i'), nextval('i'), nextval('i');
ALTER SEQUENCE i INCREMENT 5;
SELECT nextval('i');
ALTER SEQUENCE i INCREMENT BY -1;
SELECT nextval('i');
ALTER SEQUENCE i RESTART;
SELECT nextval('i');
SELECT nextval('i');
SELECT min_value, max_value, increment_by FROM pg_sequences WHERE sequencename = 'i';
ALTER SEQUENCE i NO MINVALUE NO MAXVALUE;
ALTER SEQUENCE i NO MINVALUE NO MAXVALUE START -1;
ALTER SEQUENCE i NO MINVALUE NO MAXVALUE START -1 RESTART;
SELECT nextval('i'), nextval('i');
SELECT start_value, min_value, max_value, increment_by FROM pg_sequences WHERE sequencename = 'i';
ALTER SEQUENCE i INCREMENT 0;
ALTER SEQUENCE i INCREMENT 9223372036854775807;
SELECT nextval('i');
ALTER SEQUENCE i INCREMENT -9223372036854775808;
SELECT nextval('i');

-- After nothing was taken yet, INCREMENT does not move the first value.
CREATE SEQUENCE unused START 5;
ALTER SEQUENCE unused INCREMENT 3;
SELECT nextval('unused'), nextval('unused');

-- AS: a bound that was the type's limit follows, another one stays.
CREATE SEQUENCE ty AS integer;
ALTER SEQUENCE ty AS bigint;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'ty';
ALTER SEQUENCE ty AS smallint;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'ty';
ALTER SEQUENCE ty AS int MAXVALUE 100000;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'ty';
ALTER SEQUENCE ty AS smallint;
ALTER SEQUENCE ty AS smallint NO MAXVALUE;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'ty';
ALTER SEQUENCE ty MAXVALUE 100;
ALTER SEQUENCE ty AS bigint;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'ty';
ALTER SEQUENCE ty AS bigint NO MAXVALUE START 40000 RESTART;
ALTER SEQUENCE ty AS smallint;
ALTER SEQUENCE ty START 1;
ALTER SEQUENCE ty AS smallint;
ALTER SEQUENCE ty AS smallint RESTART 30;
SELECT data_type, min_value, max_value, start_value FROM pg_sequences WHERE sequencename = 'ty';
SELECT nextval('ty');
ALTER SEQUENCE ty AS text;
ALTER SEQUENCE ty AS nosuchtype;
ALTER SEQUENCE ty AS smallint MAXVALUE 32768;
CREATE SEQUENCE tyd AS smallint INCREMENT -1;
ALTER SEQUENCE tyd AS integer;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'tyd';
ALTER SEQUENCE tyd AS bigint;
SELECT data_type, min_value, max_value FROM pg_sequences WHERE sequencename = 'tyd';

-- CYCLE on and off.
CREATE SEQUENCE cy MAXVALUE 2;
SELECT nextval('cy'), nextval('cy');
SELECT nextval('cy');
ALTER SEQUENCE cy CYCLE;
SELECT nextval('cy'), nextval('cy'), nextval('cy');
ALTER SEQUENCE cy NO CYCLE;
SELECT nextval('cy');
SELECT nextval('cy');

-- Options' errors are those of CREATE.
ALTER SEQUENCE s CACHE 0;
ALTER SEQUENCE s CACHE -1;
ALTER SEQUENCE s CACHE 9223372036854775808;
ALTER SEQUENCE s CYCLE NO CYCLE;
ALTER SEQUENCE s CACHE 1 CACHE 1;
ALTER SEQUENCE s RESTART RESTART;
ALTER SEQUENCE s MAXVALUE 9223372036854775808;
ALTER SEQUENCE s MINVALUE 1.5;
ALTER SEQUENCE s;
ALTER SEQUENCE s SEQUENCE NAME x;

-- Several at once: all or nothing.
ALTER SEQUENCE s INCREMENT 2 MINVALUE 1 MAXVALUE 10 START 3 RESTART CYCLE CACHE 1;
SELECT nextval('s'), nextval('s'), nextval('s'), nextval('s'), nextval('s');
ALTER SEQUENCE s INCREMENT 100 CACHE 0;
SELECT increment_by, cache_size FROM pg_sequences WHERE sequencename = 's';
SELECT nextval('s');

-- Missing.
ALTER SEQUENCE nosuch RESTART;
ALTER SEQUENCE nosuch INCREMENT 0;
ALTER SEQUENCE nosuch START 1 START 2;
ALTER SEQUENCE public.nosuch RESTART;
ALTER SEQUENCE IF EXISTS nosuch RESTART;
ALTER SEQUENCE IF EXISTS nosuch INCREMENT 0;
ALTER SEQUENCE IF EXISTS public.nosuch CACHE 1;
ALTER SEQUENCE IF EXISTS s RESTART 4;
SELECT nextval('s');

-- RENAME.
CREATE SEQUENCE al1;
CREATE SEQUENCE al2;
SELECT nextval('al1');
ALTER SEQUENCE al1 RENAME TO al2;
ALTER SEQUENCE al1 RENAME TO al1;
ALTER SEQUENCE al1 RENAME TO al3;
SELECT nextval('al3'), currval('al3'), lastval();
SELECT nextval('al1');
ALTER SEQUENCE nosuch RENAME TO al4;
ALTER SEQUENCE IF EXISTS nosuch RENAME TO al4;

CREATE SEQUENCE al9;
\differs names_that_can_be_kept => error 42602
ALTER SEQUENCE al9 RENAME TO "Al 9";
ALTER SEQUENCE al2 RENAME TO "Al2";
SELECT nextval('"Al2"');
ALTER SEQUENCE "Al2" RENAME TO AL2;
SELECT nextval('al2');
ALTER SEQUENCE public.al2 RENAME TO al5;
ALTER SEQUENCE al5 RENAME TO public.al6;
ALTER SEQUENCE al5 RENAME al6;
ALTER SEQUENCE al5 RENAME TO;
ALTER SEQUENCE al5 RENAME TO al7 RESTART;
ALTER SEQUENCE al5 RESTART RENAME TO al7;

-- SET SCHEMA and OWNER TO.
\differs schemas_need_no_creating => ALTER SEQUENCE
ALTER SEQUENCE al5 SET SCHEMA nosuch;
\differs schemas_need_no_creating => SELECT (nextval) 3
SELECT nextval('nosuch.al5');
ALTER SEQUENCE nosuch_at_all SET SCHEMA public;
ALTER SEQUENCE IF EXISTS nosuch_at_all SET SCHEMA public;
\differs no_roles => error 0A000
ALTER SEQUENCE i OWNER TO nosuch;
\differs no_roles => error 0A000
ALTER SEQUENCE i OWNER TO CURRENT_USER;
ALTER SEQUENCE i SET UNLOGGED;
ALTER SEQUENCE i SET LOGGED;

-- Another session's ALTER is seen at once.
\session b
ALTER SEQUENCE s RESTART 9 NO CYCLE;
\session a
SELECT nextval('s');
SELECT nextval('s');
