-- nextval: values, ends, and failures that change nothing (5.4).
CREATE SEQUENCE s;
SELECT nextval('s');
SELECT nextval('s');
SELECT nextval('s'), nextval('s'), nextval('s');
SELECT nextval('s') AS id;
SELECT nextval('s') id;
SELECT nextval('s') AS "Id", nextval('s') AS id;
SELECT last_value, is_called FROM s;
SELECT pg_catalog.nextval('s');
SELECT NEXTVAL('s');
SELECT "nextval"('s');
SELECT nextval ( 's' );
SELECT nextval('S');
SELECT nextval('public.s');
SELECT nextval('"s"');
SELECT nextval('public."s"');
SELECT nextval('"public".s');
SELECT nextval(' s ');
SELECT nextval('s'::regclass);
SELECT nextval('s'::text);
SELECT nextval('s'::text::regclass);
SELECT nextval(CAST('s' AS regclass));
SELECT nextval(regclass 's');
SELECT nextval($$s$$);
SELECT nextval($tag$s$tag$);
SELECT nextval(E's');
SELECT nextval(E'\x73');

-- The end.
CREATE SEQUENCE m MAXVALUE 3;
SELECT nextval('m'), nextval('m');
SELECT nextval('m');
SELECT nextval('m');
SELECT nextval('m');
SELECT currval('m'), lastval();
SELECT last_value, is_called FROM m;
CREATE SEQUENCE md INCREMENT -1 MINVALUE -3;
SELECT nextval('md'), nextval('md'), nextval('md');
SELECT nextval('md');
SELECT last_value, is_called FROM md;
CREATE SEQUENCE steps MAXVALUE 10 INCREMENT 4;
SELECT nextval('steps'), nextval('steps'), nextval('steps');
SELECT nextval('steps');
SELECT last_value, is_called FROM steps;
CREATE SEQUENCE steps_down MINVALUE -10 INCREMENT -4;
SELECT nextval('steps_down'), nextval('steps_down'), nextval('steps_down');
SELECT nextval('steps_down');
CREATE SEQUENCE once MAXVALUE 2 INCREMENT 9223372036854775807;
SELECT nextval('once');
SELECT nextval('once');

-- Several in one SELECT: those before the one that fails are taken.
CREATE SEQUENCE a;
CREATE SEQUENCE b MAXVALUE 2;
SELECT nextval('a'), nextval('b');
SELECT nextval('a'), nextval('b'), nextval('a');
SELECT nextval('a'), nextval('b'), nextval('a');
SELECT nextval('a');
SELECT lastval();
SELECT currval('a'), currval('b');

-- What is no sequence's name is found before anything is taken.
SELECT nextval('a'), nextval('nosuchseq');
SELECT nextval('a');
SELECT nextval('nosuchseq');
SELECT nextval('');
SELECT nextval(' ');
SELECT nextval('a.b.c.d');
SELECT nextval('a.b.c');
SELECT nextval('.');
SELECT nextval('a.');
SELECT nextval('.a');
SELECT nextval('a b');
SELECT nextval('"a');
\differs names_that_can_be_kept => error 42602
SELECT nextval('a"');
\differs names_that_can_be_kept => error 42602
SELECT nextval('""');
\differs names_that_can_be_kept => error 42602
SELECT nextval('a,b');
\differs names_that_can_be_kept => error 42602
SELECT nextval('1a');
SELECT nextval('public.nosuchseq');
SELECT nextval('nosuchseq'::regclass);
SELECT nextval('nosuchseq'::text::regclass);
\differs missing_schema_is_missing_relation => error 42P01: relation "nos.w" does not exist
SELECT nextval('nos.w');
\differs missing_schema_is_missing_relation => error 42P01: relation "nos.w" does not exist
SELECT currval('nos.w');
\differs missing_schema_is_missing_relation => error 42P01: relation "nos.w" does not exist
SELECT setval('nos.w', 5);

-- NULL, and no sequence's name at all.
SELECT nextval(NULL);
SELECT nextval(NULL::regclass);
SELECT currval(NULL);
SELECT nextval(NULL), nextval('a');
SELECT nextval();
SELECT nextval('a', 'b');
SELECT nextval('a', 5);
SELECT nextval(true);
SELECT nextval(1.5);
SELECT nextval(a);
SELECT nextval("a");
\differs not_served => error 0A000
SELECT nextvalue('a');
\differs not_served => error 0A000
SELECT nosuchschema.nextval('a');
\differs not_served => error 0A000
SELECT public.nextval('a');

-- Unicode escapes.
CREATE SEQUENCE unicode;
\differs not_served => error 0A000
SELECT nextval(U&'unicode');
\differs not_served => error 0A000
SELECT nextval(U&'unicod\0065');

-- Mixed case.
CREATE SEQUENCE "Mixed";
SELECT nextval('Mixed');
SELECT nextval('"Mixed"');
SELECT nextval('mixed');
SELECT nextval('"mixed"');
SELECT nextval('public."Mixed"');

-- Sessions take from one sequence.
\session b
SELECT nextval('s');
\session c
SELECT nextval('s'), nextval('s');
\session a
SELECT nextval('s');
\session -
SELECT nextval('s');
SELECT nextval('s'), currval('s'), lastval();
