-- CACHE n in one session, where PostgreSQL's blocks and seqd's are the same (5.6, 5.7).
CREATE SEQUENCE c CACHE 10;
SELECT last_value, is_called FROM c;
SELECT last_value, cache_size FROM pg_sequences WHERE sequencename = 'c';
SELECT nextval('c');
SELECT last_value, is_called FROM c;
SELECT last_value FROM pg_sequences WHERE sequencename = 'c';
SELECT nextval('c'), currval('c'), lastval();
SELECT nextval('c'), nextval('c'), nextval('c'), nextval('c'), nextval('c'), nextval('c'), nextval('c'), nextval('c');
SELECT last_value, is_called FROM c;
SELECT nextval('c');
SELECT last_value, is_called FROM c;

-- Any ALTER drops the unused block.
ALTER SEQUENCE c CACHE 10;
SELECT nextval('c');
ALTER SEQUENCE c CACHE 5;
SELECT nextval('c');
SELECT last_value, is_called FROM c;
ALTER SEQUENCE c INCREMENT 5;
SELECT nextval('c');
SELECT last_value, is_called FROM c;
ALTER SEQUENCE c CYCLE;
SELECT nextval('c');
ALTER SEQUENCE c START 3;
SELECT nextval('c');
ALTER SEQUENCE c AS bigint;
SELECT nextval('c');
ALTER SEQUENCE c RESTART 100;
SELECT nextval('c');
SELECT last_value, is_called FROM c;
ALTER SEQUENCE c OWNED BY NONE;
SELECT nextval('c');
SELECT currval('c'), lastval();

-- One that fails does not.
ALTER SEQUENCE c CACHE 0;
ALTER SEQUENCE c MAXVALUE 0;
SELECT nextval('c');

-- setval drops it, too.
SELECT setval('c', 500);
SELECT last_value, is_called FROM c;
SELECT nextval('c');
SELECT last_value, is_called FROM c;
SELECT setval('c', 600, false);
SELECT nextval('c');
SELECT last_value, is_called FROM c;
SELECT setval('c', -600);
SELECT nextval('c');

-- The end of the block counts for MAXVALUE.
CREATE SEQUENCE ends CACHE 100;
SELECT nextval('ends');
ALTER SEQUENCE ends MAXVALUE 50;
ALTER SEQUENCE ends MAXVALUE 100;
SELECT nextval('ends');
ALTER SEQUENCE ends MAXVALUE 50 RESTART 50;
SELECT nextval('ends');
SELECT nextval('ends');

-- Longer than the range, and a last block that is shorter.
CREATE SEQUENCE short MAXVALUE 3 CACHE 100;
SELECT nextval('short');
SELECT last_value, is_called FROM short;
SELECT nextval('short'), nextval('short');
SELECT nextval('short');
SELECT currval('short');
CREATE SEQUENCE tail MAXVALUE 10 CACHE 4;
SELECT nextval('tail'), nextval('tail'), nextval('tail'), nextval('tail'), nextval('tail'), nextval('tail'), nextval('tail'), nextval('tail');
SELECT last_value, is_called FROM tail;
SELECT nextval('tail');
SELECT last_value, is_called FROM tail;
SELECT nextval('tail');
SELECT nextval('tail');
CREATE SEQUENCE down INCREMENT -3 MINVALUE -20 CACHE 5;
SELECT nextval('down');
SELECT last_value, is_called FROM down;
SELECT nextval('down'), nextval('down'), nextval('down'), nextval('down'), nextval('down');
SELECT last_value, is_called FROM down;
SELECT nextval('down');
SELECT nextval('down');
CREATE SEQUENCE edge START 9223372036854775800 CACHE 5;
SELECT nextval('edge'), nextval('edge'), nextval('edge'), nextval('edge'), nextval('edge'), nextval('edge');
SELECT last_value, is_called FROM edge;
SELECT nextval('edge'), nextval('edge');
SELECT nextval('edge');

-- Dropped and made again: nothing of the old block is left.
DROP SEQUENCE c;
CREATE SEQUENCE c CACHE 7 START 40;
SELECT nextval('c');
SELECT last_value, is_called FROM c;

-- IF NOT EXISTS leaves the block.
CREATE SEQUENCE IF NOT EXISTS c CACHE 3;
SELECT nextval('c');

-- RENAME keeps the session's block in PostgreSQL; the node's is dropped.
CREATE SEQUENCE moved CACHE 10;
SELECT nextval('moved');
ALTER SEQUENCE moved RENAME TO moved_2;
\differs rename_drops_the_block => SELECT (nextval) 11
SELECT nextval('moved_2');

-- DISCARD drops the session's block in PostgreSQL; the node's stays.
CREATE SEQUENCE kept CACHE 10;
SELECT nextval('kept');
DISCARD SEQUENCES;
\differs the_cache_is_the_nodes => SELECT (nextval) 2
SELECT nextval('kept');

-- Sessions share the node's block; in PostgreSQL each has its own.
CREATE SEQUENCE shared CACHE 10;
SELECT nextval('shared');
\session b
\differs the_cache_is_the_nodes => SELECT (nextval) 2
SELECT nextval('shared');
\session a
\differs the_cache_is_the_nodes => SELECT (nextval) 3
SELECT nextval('shared');

-- Another session's setval: PostgreSQL's sessions go on with their blocks, and may repeat numbers.
CREATE SEQUENCE fenced CACHE 10;
SELECT nextval('fenced');
\session b
SELECT setval('fenced', 500);
\session a
\differs setval_drops_all_blocks => SELECT (nextval) 501
SELECT nextval('fenced');
