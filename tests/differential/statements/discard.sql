-- DISCARD: the session forgets, and only it.
CREATE SEQUENCE s;
CREATE SEQUENCE t;
SELECT nextval('s'), nextval('t');
\session b
SELECT nextval('s');
\session a
DISCARD SEQUENCES;
SELECT currval('s');
SELECT lastval();
SELECT currval('t');
\session b
SELECT currval('s'), lastval();
\session a
SELECT nextval('s');
SELECT currval('s'), lastval();
SELECT currval('t');
DISCARD ALL;
SELECT currval('s');
SELECT lastval();
SELECT nextval('t');
SELECT lastval();
discard sequences;
DISCARD /* all */ SEQUENCES;
SELECT lastval();
SELECT setval('s', 5), currval('s');
DISCARD ALL;
SELECT currval('s');
\session -
DISCARD ALL;
DISCARD SEQUENCES;
\session c
DISCARD SEQUENCES;
SELECT lastval();
