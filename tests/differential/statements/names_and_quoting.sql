-- Identifiers: folding, quotes, schemas, and length.
CREATE SEQUENCE Folded;
SELECT nextval('folded'), nextval('FOLDED'), nextval('FoLdEd'), nextval('"folded"');
SELECT nextval('"Folded"');
CREATE SEQUENCE "folded";
CREATE SEQUENCE "Folded";
SELECT nextval('"Folded"'), nextval('folded');
SELECT last_value FROM Folded;
SELECT last_value FROM "Folded";
SELECT last_value FROM FOLDED;
SELECT last_value FROM public.folded;
SELECT last_value FROM PUBLIC.FOLDED;
SELECT last_value FROM "PUBLIC".folded;
ALTER SEQUENCE "Folded" RESTART 5;
SELECT nextval('"Folded"');
DROP SEQUENCE "Folded";
SELECT nextval('folded');
CREATE SEQUENCE _under;
CREATE SEQUENCE a1$b;
CREATE SEQUENCE "with-dash";
CREATE SEQUENCE with_123;
SELECT nextval('_under'), nextval('a1$b'), nextval('"with-dash"'), nextval('with_123');
SELECT nextval('with-dash');
CREATE SEQUENCE with-dash;
CREATE SEQUENCE 1abc;
CREATE SEQUENCE $a;
CREATE SEQUENCE a.b.c;
CREATE SEQUENCE a.b.c.d;
CREATE SEQUENCE a.;
CREATE SEQUENCE .a;
CREATE SEQUENCE "";
CREATE SEQUENCE ""."a";
CREATE SEQUENCE 'quoted';
CREATE SEQUENCE "unterminated;

-- Names that are refused: names_that_can_be_kept.
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE "with space";
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE "1abc";
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE "quo""te";
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE "do.t";
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE "größe";
\differs names_that_can_be_kept => error 42602
CREATE SEQUENCE größe;
\differs names_that_can_be_kept => error 42602
SELECT nextval('"with space"');

-- Key words as names.
CREATE SEQUENCE sequence;
CREATE SEQUENCE cache;
CREATE SEQUENCE cycle;
CREATE SEQUENCE increment;
CREATE SEQUENCE start;
CREATE SEQUENCE name;
CREATE SEQUENCE value;
CREATE SEQUENCE date;
CREATE SEQUENCE int;
CREATE SEQUENCE between;
CREATE SEQUENCE coalesce;
SELECT nextval('sequence'), nextval('cycle'), nextval('int');
CREATE SEQUENCE select;
CREATE SEQUENCE user;
CREATE SEQUENCE order;
CREATE SEQUENCE table;
CREATE SEQUENCE end;
CREATE SEQUENCE left;
CREATE SEQUENCE "select";
SELECT nextval('select');
SELECT nextval('"select"');
ALTER SEQUENCE cache CACHE 1;
ALTER SEQUENCE "select" RENAME TO "order";
ALTER SEQUENCE "order" RENAME TO user;
DROP SEQUENCE "order";
CREATE SEQUENCE IF;
CREATE SEQUENCE no CYCLE;
CREATE SEQUENCE x NO;

-- Schemas.
CREATE SEQUENCE public.in_public;
SELECT nextval('in_public'), nextval('public.in_public'), nextval('"public"."in_public"');
SELECT nextval('PUBLIC.In_Public');
SELECT nextval('public . in_public');
SELECT nextval('public."in_public"');
CREATE SEQUENCE "public"."in_public";
CREATE SEQUENCE public . spaced;
SELECT nextval('spaced');
SELECT nextval('public.');
SELECT nextval('public.a.b');
\differs names_that_can_be_kept => error 42602
SELECT nextval('"public.in_public"');
\differs schemas_need_no_creating => CREATE SEQUENCE
CREATE SEQUENCE other.s;
\differs schemas_need_no_creating => SELECT (nextval) 1
SELECT nextval('other.s');
\differs schemas_need_no_creating => DROP SEQUENCE
DROP SEQUENCE other.s;

-- 63 bytes, and more.
CREATE SEQUENCE n23456789_123456789_123456789_123456789_123456789_123456789_123;
SELECT nextval('n23456789_123456789_123456789_123456789_123456789_123456789_123');
CREATE SEQUENCE n23456789_123456789_123456789_123456789_123456789_123456789_1234;
CREATE SEQUENCE m23456789_123456789_123456789_123456789_123456789_123456789_123456;
SELECT nextval('m23456789_123456789_123456789_123456789_123456789_123456789_123');
SELECT nextval('m23456789_123456789_123456789_123456789_123456789_123456789_123456');
SELECT last_value FROM m23456789_123456789_123456789_123456789_123456789_123456789_123456;
SELECT nextval('m23456789_123456789_123456789_123456789_123456789_123456789_123') AS m23456789_123456789_123456789_123456789_123456789_123456789_123456;
ALTER SEQUENCE m23456789_123456789_123456789_123456789_123456789_123456789_123456 RESTART;
DROP SEQUENCE "m23456789_123456789_123456789_123456789_123456789_123456789_1234";
CREATE SEQUENCE p23456789_123456789_123456789_123456789_123456789_123456789_12x;
ALTER SEQUENCE p23456789_123456789_123456789_123456789_123456789_123456789_12x RENAME TO q23456789_123456789_123456789_123456789_123456789_123456789_12345;
SELECT nextval('q23456789_123456789_123456789_123456789_123456789_123456789_123');
DROP SEQUENCE IF EXISTS z23456789_123456789_123456789_123456789_123456789_123456789_12345;

-- Escapes in identifiers.
\differs not_served => error 0A000
CREATE SEQUENCE U&"esc\0061pe";
\differs not_served => error 0A000
CREATE SEQUENCE U&"d!0061t!+000061" UESCAPE '!';
