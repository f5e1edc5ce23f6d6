-- Several statements in one text: results, errors and their positions, which count from the
-- text's beginning.
\batch
CREATE SEQUENCE s; SELECT nextval('s'); SELECT nextval('s'), currval('s')
\end
\batch
SELECT nextval('s');
SELECT nextval('s');
SELECT lastval();
\end
\batch
;; SELECT nextval('s') ;; ; SELECT nextval('s'); ;
\end
\batch
SELECT 'a;b'; SELECT $$c;d$$; SELECT nextval('s') /* ; */; -- ;
SELECT nextval('s')
\end
\batch
CREATE SEQUENCE IF NOT EXISTS s; DROP SEQUENCE IF EXISTS nosuch; ALTER SEQUENCE IF EXISTS nosuch RESTART; SELECT nextval('s');
\end
\batch
SELECT nextval('s'); SELECT nextval('nosuch'); SELECT nextval('s');
\end
SELECT nextval('s');
\batch
SELECT nextval('s');
SELECT 'größe', nextval('nosuch');
\end
\batch
SELECT currval('s'); SELECT setval('s', 0)
\end
\batch
SELECT setval('s', 50); SELECT nextval('s'), currval('s'), lastval(); SELECT currval('nosuch');
\end
SELECT nextval('s');

-- A syntax error: seqd has done what is before it, as psql has.
\differs statement_by_statement => SELECT (nextval) 53; error 42601: syntax error at or near "SELEC" (at 24)
\batch
SELECT nextval('s');
  SELEC nextval('s');
SELECT nextval('s');
\end
\differs statement_by_statement => SELECT (nextval) 54
SELECT nextval('s');

-- An error undoes nothing that the text has done before it; PostgreSQL takes the text as one
-- transaction.
\batch
CREATE SEQUENCE kept; SELECT nextval('kept'); SELECT nextval('nosuch')
\end
\differs statement_by_statement => SELECT (nextval) 2
SELECT nextval('kept');
