-- What CREATE SEQUENCE accepts, and the definition that comes of it (5.1, 5.2).
CREATE SEQUENCE plain;
SELECT * FROM pg_sequences WHERE sequencename = 'nosuch';
SELECT last_value, is_called FROM plain;
SELECT data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value FROM pg_sequences WHERE sequencename = 'plain';
CREATE SEQUENCE small AS smallint;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'small';
CREATE SEQUENCE small_down AS smallint INCREMENT -1;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'small_down';
CREATE SEQUENCE medium AS integer;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'medium';
CREATE SEQUENCE medium_down AS integer INCREMENT BY -1;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'medium_down';
CREATE SEQUENCE big AS bigint;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'big';
CREATE SEQUENCE big_down AS bigint INCREMENT -1;
SELECT data_type, start_value, min_value, max_value FROM pg_sequences WHERE sequencename = 'big_down';
CREATE SEQUENCE t_int2 AS int2;
CREATE SEQUENCE t_int4 AS int4;
CREATE SEQUENCE t_int8 AS int8;
CREATE SEQUENCE t_int AS int;
CREATE SEQUENCE t_upper AS BIGINT;
CREATE SEQUENCE t_qualified AS pg_catalog.int4;
CREATE SEQUENCE t_quoted AS "int2";
\differs catalog_types_are_text => SELECT (sequencename|data_type) medium|integer / medium_down|integer / t_int|integer / t_int4|integer / t_qualified|integer
SELECT sequencename, data_type FROM pg_sequences WHERE data_type = 'integer' ORDER BY sequencename;
SELECT sequencename, data_type FROM pg_sequences WHERE cycle = false ORDER BY sequencename DESC;

-- INCREMENT is not checked against the type.
CREATE SEQUENCE steep AS smallint INCREMENT 100000;
SELECT nextval('steep');
SELECT nextval('steep');
SELECT last_value, is_called FROM steep;

-- START's default is the lower bound, also when it is given, or the upper one of those that go down.
CREATE SEQUENCE lowest MINVALUE -9223372036854775808;
SELECT nextval('lowest');
CREATE SEQUENCE from_min MINVALUE 10;
SELECT nextval('from_min');
CREATE SEQUENCE from_max INCREMENT -1 MAXVALUE 10;
SELECT nextval('from_max');
CREATE SEQUENCE down_to INCREMENT -5 MINVALUE -20;
SELECT nextval('down_to'), nextval('down_to'), nextval('down_to'), nextval('down_to');
SELECT nextval('down_to');

-- Steps as wide as the type; arithmetic must not overflow.
CREATE SEQUENCE giant MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 INCREMENT 9223372036854775807;
SELECT nextval('giant'), nextval('giant'), nextval('giant');
SELECT nextval('giant');
CREATE SEQUENCE giant_down MINVALUE -9223372036854775808 MAXVALUE 9223372036854775807 INCREMENT -9223372036854775808;
SELECT nextval('giant_down');
SELECT nextval('giant_down');
SELECT nextval('giant_down');
CREATE SEQUENCE near_max START 9223372036854775805 INCREMENT 2;
SELECT nextval('near_max');
SELECT nextval('near_max');
SELECT nextval('near_max');
CREATE SEQUENCE near_min INCREMENT -3 START -9223372036854775803;
SELECT nextval('near_min');
SELECT nextval('near_min');
SELECT nextval('near_min');

-- Every way to write an option.
CREATE SEQUENCE words_1 INCREMENT BY 2 MINVALUE 5 MAXVALUE 50 START WITH 7 CACHE 1 CYCLE;
CREATE SEQUENCE words_2 INCREMENT 2 MINVALUE 5 MAXVALUE 50 START 7 CACHE 1 NO CYCLE;
CREATE SEQUENCE words_3 NO MINVALUE NO MAXVALUE NO CYCLE OWNED BY NONE;
CREATE SEQUENCE words_4 CYCLE CACHE 1 START 3 MAXVALUE 9 MINVALUE 2 INCREMENT 4 AS smallint;
CREATE SEQUENCE words_5 START +5 INCREMENT +2 MINVALUE -5;
create sequence WORDS_6 increment By 3 Start With 4;
CREATE SEQUENCE words_7 OWNED BY none;
CREATE SEQUENCE words_8 MINVALUE - 5;
CREATE SEQUENCE words_9 START 007;
CREATE SEQUENCE words_10 RESTART;
CREATE SEQUENCE words_11 RESTART 7;
CREATE SEQUENCE words_12 RESTART WITH 8 START 3;
SELECT sequencename, start_value, min_value, max_value, increment_by, cycle FROM pg_sequences WHERE schemaname = 'public' AND start_value = 7 ORDER BY sequencename;
SELECT nextval('words_4'), nextval('words_4'), nextval('words_4');
SELECT nextval('words_5'), nextval('words_6'), nextval('words_8'), nextval('words_9');
SELECT nextval('words_10'), nextval('words_11'), nextval('words_12');
SELECT last_value, is_called FROM words_12;
CREATE SEQUENCE wide
    INCREMENT BY 10
    MINVALUE 100
    MAXVALUE 200
    START WITH 150
    NO CYCLE;
SELECT nextval('wide');

-- The least difference between the bounds.
CREATE SEQUENCE two MINVALUE 5 MAXVALUE 6;
SELECT nextval('two'), nextval('two');
SELECT nextval('two');
CREATE SEQUENCE zero_max INCREMENT -1 MAXVALUE 0 MINVALUE -1;
SELECT nextval('zero_max'), nextval('zero_max');
SELECT nextval('zero_max');
CREATE SEQUENCE zero_min MINVALUE 0;
SELECT nextval('zero_min');

-- CREATE without more, and what exists already.
CREATE SEQUENCE plain;
CREATE SEQUENCE IF NOT EXISTS plain;
CREATE SEQUENCE IF NOT EXISTS plain INCREMENT 0;
CREATE SEQUENCE IF NOT EXISTS plain START 1 START 2;
CREATE SEQUENCE IF NOT EXISTS fresh START 5;
SELECT nextval('fresh');
CREATE SEQUENCE plain INCREMENT 0;
CREATE SEQUENCE public.plain;
CREATE SEQUENCE public.qualified START 3;
SELECT nextval('qualified'), nextval('public.qualified');
\differs temporary_sequences => error 0A000
CREATE TEMP SEQUENCE temporary_one;
\differs temporary_sequences => error 0A000
CREATE TEMPORARY SEQUENCE temporary_two START 3;
\differs unlogged_sequences => CREATE SEQUENCE; notice ...
CREATE UNLOGGED SEQUENCE unlogged_one;
SELECT nextval('unlogged_one');
