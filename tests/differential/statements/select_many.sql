-- Several items in one SELECT, evaluated from left to right.
CREATE SEQUENCE a;
CREATE SEQUENCE b START 100 INCREMENT -10 MINVALUE 50 MAXVALUE 100;
SELECT nextval('a'), nextval('b'), nextval('a'), nextval('b');
SELECT nextval('a'), currval('a'), lastval(), nextval('b'), currval('a'), currval('b'), lastval();
SELECT setval('a', 50), nextval('a'), setval('a', 60, false), nextval('a'), currval('a');
SELECT 'x' AS label, nextval('a') AS id, NULL AS nothing, true AS yes, 5 AS five;
SELECT nextval('a') AS id, nextval('a') AS id;
SELECT nextval('a'), nextval('b'), nextval('b'), nextval('b'), nextval('a');
SELECT currval('a'), currval('b'), lastval();
SELECT nextval('a'), currval('nosuch');
SELECT currval('a');
SELECT nextval('a'), setval('b', 500);
SELECT currval('a');
SELECT nextval('a'), setval('b', 'x');
SELECT currval('a');
SELECT nextval('a'), nextval();
SELECT currval('a');
SELECT nextval('a'), nosuch;
SELECT currval('a');
SELECT nextval('a') nosuch(;
SELECT currval('a');
SELECT last_value, is_called FROM a;
SELECT is_called, last_value, last_value FROM a;
SELECT last_value AS at, is_called called FROM a;
SELECT a.last_value, a.is_called FROM a;
SELECT public.a.last_value FROM public.a;
SELECT x.last_value FROM a AS x;
SELECT x.last_value FROM a x;
SELECT a.last_value FROM a AS x;
SELECT last_value FROM nosuch;
SELECT last_value FROM public.nosuch;
SELECT nosuch FROM a;
SELECT b.last_value FROM a;
\differs not_served => error 0A000
SELECT last_value, 5 AS five, 'x' AS x FROM a;
\differs not_served => error 0A000
SELECT last_value::text, is_called::text FROM a;
\differs log_cnt_is_0 => SELECT (log_cnt) 0
SELECT log_cnt FROM a;
\differs log_cnt_is_0 => SELECT (last_value|log_cnt|is_called) 66|0|t
SELECT * FROM a;
CREATE SEQUENCE untouched;
SELECT * FROM untouched;
SELECT untouched.* FROM untouched;
SELECT pg_sequence_last_value('a'), pg_sequence_last_value('untouched');
SELECT pg_sequence_last_value('a'::regclass);
SELECT pg_sequence_last_value('nosuch');
SELECT pg_sequence_last_value(NULL);
SELECT nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a'), nextval('a');
SELECT last_value, is_called FROM a;
