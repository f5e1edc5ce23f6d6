-- setval: bounds, is_called, and what it does to currval (5.5).
CREATE SEQUENCE s MAXVALUE 100;
SELECT setval('s', 50);
SELECT currval('s');
SELECT last_value, is_called FROM s;
SELECT nextval('s');
SELECT setval('s', 60, false);
SELECT currval('s');
SELECT last_value, is_called FROM s;
SELECT last_value FROM pg_sequences WHERE sequencename = 's';
SELECT nextval('s');
SELECT nextval('s');
SELECT setval('s', 70, true);
SELECT nextval('s');
SELECT setval('s', 0);
SELECT setval('s', 101);
SELECT setval('s', -1, false);
SELECT setval('s', 101, true);
SELECT setval('s', 9223372036854775807);
SELECT setval('s', -9223372036854775807);
SELECT currval('s');
SELECT nextval('s');

-- At the end.
SELECT setval('s', 100);
SELECT nextval('s');
SELECT setval('s', 100, false);
SELECT nextval('s');
SELECT nextval('s');
SELECT setval('s', 1, false);
SELECT nextval('s');
CREATE SEQUENCE down INCREMENT -2 MINVALUE -10;
SELECT setval('down', -9);
SELECT nextval('down');
SELECT setval('down', -8), nextval('down');
SELECT nextval('down');
SELECT setval('down', 0);
SELECT setval('down', -11);
SELECT setval('down', -1, false), nextval('down'), nextval('down');

-- Not on the grid of INCREMENT.
CREATE SEQUENCE grid INCREMENT 10;
SELECT nextval('grid'), nextval('grid');
SELECT setval('grid', 7);
SELECT nextval('grid'), nextval('grid');

-- With a cycle.
CREATE SEQUENCE ring MINVALUE 5 MAXVALUE 8 START 7 CYCLE;
SELECT setval('ring', 8), nextval('ring');
SELECT setval('ring', 8, false), nextval('ring'), nextval('ring');

-- NULL: nothing happens.
SELECT setval('s', NULL);
SELECT setval(NULL, 5);
SELECT setval('s', 5, NULL);
SELECT setval('s', NULL, true);
SELECT setval(NULL, NULL, NULL);
SELECT last_value, is_called FROM s;

-- How the value may be written.
SELECT setval('s', '42');
SELECT setval('s', ' 42 ');
SELECT setval('s', '-42');
SELECT setval('s', '+42');
SELECT setval('s', 42::bigint);
SELECT setval('s', 42::int);
SELECT setval('s', 42::smallint);
SELECT setval('s', '42'::bigint);
SELECT setval('s', '42'::int8);
SELECT setval('s', CAST(42 AS bigint));
SELECT setval('s', CAST('42' AS integer));
SELECT setval('s', +42);
SELECT setval('s', -42);
SELECT setval('s', - 42);
SELECT setval('s', (42));
SELECT setval('s', ((42)), (true));
SELECT setval('s', 042);
SELECT setval('s', '042');
SELECT setval('s', bigint '42');
SELECT setval('s', int8 '43');
SELECT setval('s', 42, 't');
SELECT setval('s', 42, 'true');
SELECT setval('s', 42, 'yes');
SELECT setval('s', 42, 'on');
SELECT setval('s', 42, '1');
SELECT setval('s', 42, 'f');
SELECT setval('s', 42, 'no');
SELECT setval('s', 42, 'off');
SELECT setval('s', 42, '0');
SELECT setval('s', 42, ' TRUE ');
SELECT setval('s', 42, FALSE);
SELECT setval('s', 42, True);
SELECT setval('s', 42, true::boolean);
SELECT setval('s', 42, CAST('t' AS bool));
SELECT setval('s', 42, boolean 'f');
SELECT nextval('s');
SELECT pg_catalog.setval('s', 10);
SELECT SETVAL('s', 11) AS "set", setval('s', 12) AS b;
SELECT setval('s'::regclass, 13);

-- What is no value.
SELECT setval('s', 'x');
SELECT setval('s', '');
SELECT setval('s', '1.5');
SELECT setval('s', '9223372036854775808');
SELECT setval('s', '-9223372036854775809');
SELECT setval('s', '99999999999999999999999999');
SELECT setval('s', 9223372036854775808);
SELECT setval('s', -9223372036854775808);
SELECT setval('s', 1.5);
SELECT setval('s', 1e1);
SELECT setval('s', 1.5, true);
SELECT setval('s', 9223372036854775808, false);
SELECT setval('s', 1.0);
SELECT setval('s', true);
SELECT setval('s', 5, 1);
SELECT setval('s', 5, 'maybe');
SELECT setval('s', 5, '');
SELECT setval('s', 5, 't'::text);
SELECT setval('s', '5'::text);
SELECT setval('s');
SELECT setval('s', 1, true, 4);
SELECT setval();
\differs no_oids => error 42883
SELECT setval(5, 's');
SELECT setval('nosuchseq', 5);
SELECT setval('nosuchseq', 'x');
SELECT setval('nosuchseq', NULL);
SELECT setval('nosuchseq', 9223372036854775808);
SELECT setval('', 5);
SELECT setval('s', 3), setval('nosuchseq', 3);
SELECT setval('s', 4), setval('s', 400);
SELECT last_value, is_called FROM s;

-- The widest range, at its ends.
CREATE SEQUENCE widest MINVALUE -9223372036854775808;
SELECT setval('widest', '-9223372036854775808');
SELECT nextval('widest');
SELECT setval('widest', '-9223372036854775808', false);
SELECT nextval('widest');
SELECT setval('widest', 9223372036854775806);
SELECT nextval('widest');
SELECT nextval('widest');
SELECT setval('widest', -9223372036854775808);
SELECT setval('widest', -9223372036854775807), nextval('widest');

-- Other sessions see it, as nothing is cached.
SELECT setval('s', 20);
\session b
SELECT nextval('s');
SELECT setval('s', 30, false);
\session a
SELECT nextval('s');
SELECT currval('s');
\session b
SELECT currval('s');
\session -
SELECT setval('s', 40);
SELECT currval('s');
SELECT setval('s', 41), currval('s'), nextval('s'), lastval();
