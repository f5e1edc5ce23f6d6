-- DROP SEQUENCE (5.9).
CREATE SEQUENCE a;
CREATE SEQUENCE b;
CREATE SEQUENCE c;
DROP SEQUENCE a;
DROP SEQUENCE a;
DROP SEQUENCE IF EXISTS a;
DROP SEQUENCE nosuch;
DROP SEQUENCE IF EXISTS nosuch;
DROP SEQUENCE public.nosuch;
DROP SEQUENCE IF EXISTS public.nosuch;
DROP SEQUENCE "Nosuch";
DROP SEQUENCE NOSUCH;
SELECT nextval('a');
CREATE SEQUENCE a START 7;
SELECT nextval('a');

-- Several: all or none.
DROP SEQUENCE a, nosuch;
SELECT nextval('a');
DROP SEQUENCE nosuch, a;
SELECT nextval('a');
DROP SEQUENCE a, b;
SELECT nextval('a');
SELECT nextval('b');
DROP SEQUENCE IF EXISTS a, b, c;
SELECT nextval('c');
CREATE SEQUENCE a;
DROP SEQUENCE a, a;
SELECT nextval('a');
CREATE SEQUENCE IF NOT EXISTS a;
CREATE SEQUENCE b;
DROP SEQUENCE IF EXISTS nosuch, a, nosuch2, b;
SELECT sequencename FROM pg_sequences WHERE schemaname = 'public';

-- CASCADE and RESTRICT.
CREATE SEQUENCE a;
DROP SEQUENCE a RESTRICT;
CREATE SEQUENCE a;
DROP SEQUENCE a CASCADE;
CREATE SEQUENCE a;
DROP SEQUENCE IF EXISTS a, nosuch CASCADE;
CREATE SEQUENCE "Quoted-1";
DROP SEQUENCE quoted-1;
DROP SEQUENCE "Quoted-1";
CREATE SEQUENCE a;
drop   sequence
    public.a   cascade;
DROP SEQUENCE;
DROP SEQUENCE IF EXISTS;
DROP SEQUENCE a b;
DROP SEQUENCE a,;
DROP SEQUENCE a CASCADE RESTRICT;
DROP SEQUENCE 'a';
DROP SEQUENCE a.b.c.d;
\differs schemas_need_no_creating => error 42P01: sequence "x" does not exist
DROP SEQUENCE nosuchschema.x;
\differs schemas_need_no_creating => DROP SEQUENCE; notice 00000 sequence "x" does not exist, skipping
DROP SEQUENCE IF EXISTS nosuchschema.x;
