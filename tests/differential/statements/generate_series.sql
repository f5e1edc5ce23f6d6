-- Many values by one SELECT.
CREATE SEQUENCE s;
SELECT nextval('s') FROM generate_series(1, 3);
SELECT nextval('s') FROM generate_series(1, 1);
SELECT nextval('s') FROM generate_series(1, 0);
SELECT nextval('s') FROM generate_series(5, 3);
SELECT nextval('s') FROM generate_series(-1, 1);
SELECT nextval('s') FROM generate_series(1, 10, 3);
SELECT nextval('s') FROM generate_series(10, 1, -4);
SELECT nextval('s') FROM generate_series(10, 1);
SELECT nextval('s') FROM generate_series(1, 10, -1);
SELECT nextval('s') FROM generate_series(1, 3, 0);
SELECT currval('s'), lastval();
SELECT nextval('s') AS id FROM generate_series(1, 2);
SELECT nextval('s'), 'x' AS x, NULL FROM generate_series(1, 2);
SELECT nextval('s'), x FROM generate_series(1, 3) AS x;
SELECT x, nextval('s') FROM generate_series(11, 13) x;
SELECT i, nextval('s') FROM generate_series(1, 2) AS x(i);
SELECT x.i, nextval('s') FROM generate_series(1, 2) x(i);
SELECT generate_series, nextval('s') FROM generate_series(1, 2);
SELECT x AS n, nextval('s') AS id FROM generate_series(1, 2) AS x;
SELECT nextval('s'), nextval('s') FROM generate_series(1, 2);
CREATE SEQUENCE t START 100;
SELECT nextval('s'), nextval('t') FROM generate_series(1, 3);
SELECT lastval();
\differs not_served => error 0A000
SELECT x::text FROM generate_series(1, 2) AS x;
SELECT nextval('s')::text FROM generate_series(1, 2) AS x;
SELECT nextval('nosuch') FROM generate_series(1, 3);
SELECT nextval('s') FROM generate_series('1', '3');
SELECT nextval('s') FROM generate_series(1);
SELECT nextval('s') FROM generate_series();
SELECT nextval('s') FROM generate_series(1, 2, 3, 4);
SELECT nextval('s') FROM generate_series(1, 'x');
SELECT nextval('s') FROM generate_series(NULL, 3);
SELECT nextval('s') FROM generate_series(1, NULL::int);
SELECT nextval('s') FROM pg_catalog.generate_series(1, 2);
SELECT nextval('s') FROM Generate_Series(1::bigint, 2::bigint);
SELECT y, nextval('s') FROM generate_series(1, 2) AS x;
SELECT nextval('s') FROM generate_series(1, 2;
\differs not_served => error 0A000
SELECT nextval('s') FROM generate_seris(1, 2);
SELECT nextval(NULL) FROM generate_series(1, 2);
SELECT x FROM generate_series(1, 4) AS x;
SELECT nextval('s');

-- A cycle, and the other direction.
CREATE SEQUENCE ring MAXVALUE 3 CYCLE;
SELECT nextval('ring') FROM generate_series(1, 7);
CREATE SEQUENCE down INCREMENT -1 MINVALUE -4;
SELECT nextval('down') FROM generate_series(1, 4);
SELECT nextval('down') FROM generate_series(1, 1);
CREATE SEQUENCE cached CACHE 5;
SELECT nextval('cached') FROM generate_series(1, 7);
SELECT last_value, is_called FROM cached;
SELECT nextval('cached');
CREATE SEQUENCE thousand;
SELECT nextval('thousand') FROM generate_series(1, 1000);
SELECT nextval('thousand');

-- Past the bound: the same error, but PostgreSQL has consumed what was left.
CREATE SEQUENCE few MAXVALUE 5;
SELECT nextval('few') FROM generate_series(1, 2);
SELECT nextval('few') FROM generate_series(1, 10);
\differs series_all_or_nothing => SELECT (last_value|is_called) 2|t
SELECT last_value, is_called FROM few;
\differs series_all_or_nothing => SELECT (nextval) 3
SELECT nextval('few');
