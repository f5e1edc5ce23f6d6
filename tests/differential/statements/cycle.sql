-- CYCLE: from one bound to the other, not to START (5.8).
CREATE SEQUENCE up MINVALUE 5 MAXVALUE 8 START 7 CYCLE;
SELECT nextval('up'), nextval('up'), nextval('up'), nextval('up'), nextval('up');
SELECT nextval('up');
SELECT last_value, is_called FROM up;
CREATE SEQUENCE down INCREMENT -3 MINVALUE -7 MAXVALUE 2 START 0 CYCLE;
SELECT nextval('down'), nextval('down'), nextval('down'), nextval('down');
SELECT nextval('down'), nextval('down'), nextval('down'), nextval('down');
SELECT last_value, is_called FROM down;

-- A step that would cross the bound wraps.
CREATE SEQUENCE wide INCREMENT 7 MAXVALUE 10 CYCLE;
SELECT nextval('wide'), nextval('wide'), nextval('wide'), nextval('wide');
CREATE SEQUENCE wider INCREMENT 100 MAXVALUE 10 START 4 CYCLE;
SELECT nextval('wider'), nextval('wider'), nextval('wider');
CREATE SEQUENCE widest INCREMENT 9223372036854775807 CYCLE;
SELECT nextval('widest'), nextval('widest'), nextval('widest');
CREATE SEQUENCE widest_down INCREMENT -9223372036854775808 CYCLE;
SELECT nextval('widest_down'), nextval('widest_down'), nextval('widest_down');

-- At the ends of the types.
CREATE SEQUENCE top AS bigint START 9223372036854775806 CYCLE;
SELECT nextval('top'), nextval('top'), nextval('top'), nextval('top');
CREATE SEQUENCE bottom AS bigint INCREMENT -1 START -9223372036854775807 CYCLE;
SELECT nextval('bottom'), nextval('bottom'), nextval('bottom'), nextval('bottom');
CREATE SEQUENCE small AS smallint START 32767 CYCLE;
SELECT nextval('small'), nextval('small');
CREATE SEQUENCE whole MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 START 9223372036854775807 CYCLE;
SELECT nextval('whole'), nextval('whole'), nextval('whole');

-- Two values.
CREATE SEQUENCE two MAXVALUE 2 CYCLE;
SELECT nextval('two'), nextval('two'), nextval('two'), nextval('two'), nextval('two');
SELECT last_value, is_called FROM two;
SELECT nextval('two') FROM generate_series(1, 5);

-- setval and ALTER within a cycle.
SELECT setval('up', 8);
SELECT nextval('up');
SELECT setval('up', 6, false);
SELECT nextval('up'), nextval('up'), nextval('up'), nextval('up');
ALTER SEQUENCE up RESTART;
SELECT nextval('up'), nextval('up'), nextval('up');
ALTER SEQUENCE up NO CYCLE;
SELECT nextval('up'), nextval('up'), nextval('up');
SELECT nextval('up');
ALTER SEQUENCE up INCREMENT -1 CYCLE;
SELECT nextval('up'), nextval('up'), nextval('up'), nextval('up');
ALTER SEQUENCE up MAXVALUE 20;
SELECT nextval('up'), nextval('up'), nextval('up'), nextval('up'), nextval('up');
SELECT cycle FROM pg_sequences WHERE sequencename = 'up';

-- With a cache: a block never spans the wrap.
CREATE SEQUENCE c_up MAXVALUE 5 CACHE 3 CYCLE;
SELECT nextval('c_up');
SELECT last_value, is_called FROM c_up;
SELECT nextval('c_up'), nextval('c_up'), nextval('c_up');
SELECT last_value, is_called FROM c_up;
SELECT nextval('c_up'), nextval('c_up');
SELECT last_value, is_called FROM c_up;
CREATE SEQUENCE c_down INCREMENT -2 MINVALUE -5 MAXVALUE 4 CACHE 4 CYCLE;
SELECT nextval('c_down'), nextval('c_down'), nextval('c_down'), nextval('c_down');
SELECT last_value, is_called FROM c_down;
SELECT nextval('c_down'), nextval('c_down'), nextval('c_down');
SELECT last_value, is_called FROM c_down;
CREATE SEQUENCE c_all MAXVALUE 3 CACHE 100 CYCLE;
SELECT nextval('c_all');
SELECT last_value, is_called FROM c_all;
SELECT nextval('c_all'), nextval('c_all'), nextval('c_all'), nextval('c_all');
SELECT last_value, is_called FROM c_all;
