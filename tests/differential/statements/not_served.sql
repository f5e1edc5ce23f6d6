-- What has nothing to do with sequences, or is more than seqd does: 0A000 rather than an answer.
CREATE SEQUENCE s;
\differs not_served => error 0A000
BEGIN;
\differs not_served => error 0A000
COMMIT;
\differs not_served => error 0A000
ROLLBACK;
\differs not_served => error 0A000
START TRANSACTION;
\differs not_served => error 0A000
SAVEPOINT a;
\differs not_served => error 0A000
END;
\differs not_served => error 0A000
SET client_min_messages = warning;
\differs not_served => error 0A000
SHOW server_version;
\differs not_served => error 0A000
RESET ALL;
\differs not_served => error 0A000
CREATE SCHEMA other;
\differs not_served => error 0A000
CREATE VIEW v AS SELECT 1;
\differs not_served => error 0A000
CREATE ROLE r;
\differs not_served => error 0A000
DROP ROLE r;
\differs not_served => error 0A000
GRANT USAGE ON SEQUENCE s TO PUBLIC;
\differs not_served => error 0A000
COMMENT ON SEQUENCE s IS 'x';
\differs not_served => error 0A000
EXPLAIN SELECT nextval('s');
\differs not_served => error 0A000
DO $$ BEGIN END $$;
\differs not_served => error 0A000
PREPARE p AS SELECT nextval('s');
\differs not_served => error 0A000
EXECUTE p;
\differs not_served => error 0A000
DEALLOCATE p;
\differs not_served => error 0A000
VALUES (nextval('s'));
\differs not_served => error 0A000
WITH x AS (SELECT 1) SELECT nextval('s');
\differs not_served => error 0A000
SELECT nextval('s') UNION ALL SELECT nextval('s');
\differs not_served => error 0A000
SELECT nextval('s') WHERE true;
\differs not_served => error 0A000
SELECT (SELECT nextval('s'));
\differs not_served => error 0A000
SELECT DISTINCT nextval('s');
\differs not_served => error 0A000
SELECT nextval('s') + 1;
\differs not_served => error 0A000
SELECT 1 + 1;
\differs not_served => error 0A000
SELECT version();
\differs not_served => error 0A000
SELECT now();
\differs not_served => error 0A000
SELECT count(*) FROM s;
\differs not_served => error 0A000
SELECT nextval('s') INTO TEMP other_table;
\differs not_served => error 0A000
LISTEN x;
\differs not_served => error 0A000
NOTIFY x;
\differs not_served => error 0A000
VACUUM;
\differs not_served => error 0A000
CHECKPOINT;
\differs not_served => error 0A000
LOCK TABLE s;
\differs not_served => error 0A000
DISCARD PLANS;
\differs not_served => error 0A000
DISCARD TEMP;
