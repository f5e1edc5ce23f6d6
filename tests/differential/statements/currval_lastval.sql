-- currval and lastval belong to the session, and to one object, not to a name (5.4).
CREATE SEQUENCE a_big;
CREATE SEQUENCE other_one START 100;
SELECT currval('a_big');
SELECT lastval();
SELECT nextval('a_big');
SELECT currval('a_big');
SELECT lastval();
SELECT currval('a_big'), lastval(), nextval('a_big'), currval('a_big'), lastval();
SELECT nextval('other_one');
SELECT lastval();
SELECT currval('a_big'), currval('other_one');
SELECT pg_catalog.lastval();
SELECT LASTVAL() AS last;
SELECT lastval(), lastval();
SELECT currval('nosuchseq');
SELECT currval('');
SELECT currval('A_BIG');
SELECT currval('"A_BIG"');
SELECT currval();
SELECT lastval('a_big');
SELECT lastval(1);
SELECT currval('a_big') AS x, lastval() AS y;

-- Another session knows nothing of it.
\session b
SELECT currval('a_big');
SELECT lastval();
SELECT currval('a_big'), nextval('a_big');
SELECT nextval('a_big'), currval('a_big');
SELECT lastval();
\session a
SELECT currval('a_big');
SELECT lastval();
\session -
SELECT currval('a_big');
SELECT lastval();
SELECT nextval('a_big'), currval('a_big'), lastval();
SELECT lastval();

-- Reading changes nothing.
\session a
SELECT last_value, is_called FROM a_big;
SELECT currval('a_big');
SELECT last_value FROM pg_sequences WHERE sequencename = 'a_big';
SELECT currval('a_big');

-- Dropped, by this session or another.
CREATE SEQUENCE dr;
SELECT nextval('dr');
DROP SEQUENCE dr;
SELECT lastval();
SELECT currval('dr');
SELECT currval('a_big');
SELECT nextval('a_big');
SELECT lastval();
CREATE SEQUENCE dr;
SELECT nextval('dr');
SELECT lastval();
\session b
DROP SEQUENCE dr;
\session a
SELECT lastval();
SELECT currval('dr');

-- A new object of the same name.
CREATE SEQUENCE w;
SELECT nextval('w'), nextval('w');
DROP SEQUENCE w;
CREATE SEQUENCE w START 50;
SELECT currval('w');
SELECT lastval();
SELECT nextval('w');
SELECT currval('w'), lastval();

-- Renamed: the object is the same.
ALTER SEQUENCE w RENAME TO w2;
SELECT currval('w2'), lastval();
SELECT currval('w');
SELECT nextval('w2');
CREATE SEQUENCE w;
SELECT currval('w');
SELECT currval('w2');
\session b
ALTER SEQUENCE w2 RENAME TO w3;
\session a
SELECT currval('w3'), lastval();

-- A failed nextval leaves both.
CREATE SEQUENCE short MAXVALUE 2 INCREMENT 5;
SELECT nextval('short');
SELECT nextval('w3');
SELECT nextval('short');
SELECT currval('short'), lastval();

-- setval defines currval but is never what lastval is of.
CREATE SEQUENCE set_only;
\session c
SELECT setval('set_only', 7);
SELECT currval('set_only');
SELECT lastval();
SELECT nextval('set_only');
SELECT lastval();
SELECT setval('set_only', 77);
SELECT lastval();
SELECT currval('set_only');
\session d
SELECT setval('set_only', 5, false);
SELECT currval('set_only');
SELECT lastval();

-- ALTER leaves both.
\session c
ALTER SEQUENCE set_only RESTART;
SELECT currval('set_only'), lastval();
ALTER SEQUENCE set_only INCREMENT 10 RESTART 20;
SELECT currval('set_only'), lastval();
SELECT nextval('set_only'), currval('set_only');
