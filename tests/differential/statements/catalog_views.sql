-- pg_sequences and information_schema.sequences.
SELECT sequencename FROM pg_sequences;
CREATE SEQUENCE b START 5;
CREATE SEQUENCE a AS smallint INCREMENT -2 CYCLE CACHE 3;
CREATE SEQUENCE "C-d" AS integer MINVALUE -10 MAXVALUE 10 START 0;
SELECT sequencename FROM pg_sequences ORDER BY sequencename;
SELECT sequencename FROM pg_sequences ORDER BY sequencename ASC;
SELECT sequencename FROM pg_sequences ORDER BY sequencename DESC;
SELECT sequencename FROM pg_sequences ORDER BY sequencename LIMIT 2;
SELECT sequencename FROM pg_sequences ORDER BY sequencename LIMIT 0;
SELECT sequencename FROM pg_sequences ORDER BY start_value;
SELECT sequencename FROM pg_sequences ORDER BY start_value DESC;
SELECT sequencename FROM pg_sequences ORDER BY increment_by, sequencename;
SELECT sequencename FROM pg_sequences WHERE sequencename = 'b';
SELECT sequencename FROM pg_sequences WHERE sequencename = 'B';
SELECT sequencename FROM pg_sequences WHERE sequencename = 'C-d';
SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename;
SELECT sequencename FROM pg_sequences WHERE schemaname = 'other';
SELECT sequencename FROM pg_sequences WHERE start_value = 5;
SELECT sequencename FROM pg_sequences WHERE start_value = -1;
SELECT sequencename FROM pg_sequences WHERE start_value = '5';
SELECT sequencename FROM pg_sequences WHERE cycle = true;
SELECT sequencename FROM pg_sequences WHERE cycle = 't';
SELECT sequencename FROM pg_sequences WHERE cycle = false AND start_value = 0;
SELECT sequencename FROM pg_sequences WHERE cache_size = 3 AND cycle = true AND schemaname = 'public';
SELECT sequencename FROM pg_sequences WHERE last_value = NULL;
SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename;
SELECT nextval('a'), nextval('b');
SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename;
SELECT sequencename FROM pg_sequences WHERE last_value = 5;
SELECT sequencename FROM pg_sequences ORDER BY last_value;
SELECT sequencename FROM pg_sequences ORDER BY last_value DESC;
SELECT schemaname, sequencename, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value FROM pg_sequences ORDER BY sequencename;
\differs not_served => error 0A000
SELECT sequencename AS name, start_value::text AS start FROM pg_sequences WHERE sequencename = 'a';
SELECT pg_sequences.sequencename FROM pg_sequences WHERE pg_sequences.sequencename = 'a';
SELECT p.sequencename FROM pg_sequences AS p WHERE p.sequencename = 'a';
SELECT p.sequencename FROM pg_sequences p ORDER BY p.sequencename;
SELECT sequencename FROM pg_catalog.pg_sequences WHERE sequencename = 'a';
SELECT "sequencename" FROM "pg_sequences" WHERE "sequencename" = 'a';
SELECT SequenceName FROM PG_SEQUENCES WHERE SEQUENCENAME = 'a';
SELECT nosuch FROM pg_sequences;
SELECT sequencename FROM pg_sequences WHERE nosuch = 5;
SELECT sequencename FROM pg_sequences WHERE start_value = 'x';
SELECT sequencename FROM pg_sequences WHERE cycle = 'maybe';
SELECT sequencename FROM pg_sequences ORDER BY nosuch;
SELECT sequencename FROM public.pg_sequences;
SELECT sequencename FROM pg_sequences WHERE;
SELECT sequencename FROM pg_sequences ORDER;
SELECT sequencename FROM pg_sequences LIMIT;
SELECT sequencename FROM pg_sequences LIMIT -1;
SELECT sequencename FROM pg_sequences LIMIT 'x';

-- PostgreSQL's superuser is called seqd in this test, so that the owner can be compared, too.
SELECT sequenceowner FROM pg_sequences WHERE sequencename = 'b';
SELECT * FROM pg_sequences WHERE sequencename = 'b';
SELECT * FROM pg_sequences ORDER BY sequencename;
SELECT pg_sequences.* FROM pg_sequences ORDER BY sequencename LIMIT 1;

SELECT sequence_name FROM information_schema.sequences ORDER BY sequence_name;
SELECT sequence_schema, sequence_name, data_type, numeric_precision, numeric_precision_radix, numeric_scale, start_value, minimum_value, maximum_value, increment, cycle_option FROM information_schema.sequences ORDER BY sequence_name;
SELECT start_value FROM information_schema.sequences WHERE sequence_name = 'b';
SELECT sequence_name FROM information_schema.sequences WHERE start_value = '5';
SELECT sequence_name FROM information_schema.sequences WHERE cycle_option = 'YES';
SELECT sequence_name FROM information_schema.sequences WHERE data_type = 'integer';
SELECT sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public' AND sequence_name = 'a';
SELECT sequence_name FROM sequences;
SELECT nosuch FROM information_schema.sequences;
SELECT sequence_name FROM information_schema.nosuch;
\differs a_catalog_of_its_own => SELECT (sequence_catalog) seqd
SELECT sequence_catalog FROM information_schema.sequences WHERE sequence_name = 'b';
\differs a_catalog_of_its_own => SELECT (sequence_catalog|sequence_schema|sequence_name|data_type|numeric_precision|numeric_precision_radix|numeric_scale|start_value|minimum_value|maximum_value|increment|cycle_option) seqd|public|b|bigint|64|2|0|5|1|9223372036854775807|1|NO
SELECT * FROM information_schema.sequences WHERE sequence_name = 'b';

-- What is not served.
\differs not_served => error 0A000
SELECT sequencename FROM pg_sequences WHERE start_value > 1;
\differs not_served => error 0A000
SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'a%';
\differs not_served => error 0A000
SELECT sequencename FROM pg_sequences WHERE sequencename = 'a' OR sequencename = 'b';
\differs not_served => error 0A000
SELECT count(*) FROM pg_sequences;
\differs not_served => error 42P01
SELECT relname FROM pg_class WHERE relkind = 'S';
\differs not_served => error 42P01
SELECT seqstart FROM pg_sequence;
