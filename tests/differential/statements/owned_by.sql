-- OWNED BY (5.10): the tables are the shards' business.
CREATE TABLE o1 (id int, v text);
CREATE SEQUENCE s OWNED BY o1.id;
SELECT nextval('s');
ALTER SEQUENCE s OWNED BY NONE;
ALTER SEQUENCE s OWNED BY o1.v;
ALTER SEQUENCE s OWNED BY public.o1.id;
ALTER SEQUENCE s OWNED BY NONE INCREMENT 5;
SELECT nextval('s');
CREATE SEQUENCE t OWNED BY foo;
ALTER SEQUENCE s OWNED BY foo;
ALTER SEQUENCE s OWNED BY none;
ALTER SEQUENCE s OWNED BY NONE OWNED BY NONE;
ALTER SEQUENCE nosuch OWNED BY NONE;
ALTER SEQUENCE IF EXISTS nosuch OWNED BY foo;
CREATE SEQUENCE t OWNED BY o1.id CACHE 0;
\differs tables_are_the_shards => CREATE SEQUENCE
CREATE SEQUENCE u OWNED BY nosuch.id;
\differs tables_are_the_shards => ALTER SEQUENCE
ALTER SEQUENCE s OWNED BY nosuch.id;
ALTER SEQUENCE s OWNED BY NONE;
\differs tables_are_the_shards => ALTER SEQUENCE
ALTER SEQUENCE s OWNED BY o1.nocol;

-- Names of tables and of sequences do not meet.
\differs tables_are_the_shards => CREATE SEQUENCE
CREATE SEQUENCE o1;
\differs tables_are_the_shards => SELECT (nextval) 1
SELECT nextval('o1');
