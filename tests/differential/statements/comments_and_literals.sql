-- Comments, blanks, and all kinds of literals.
CREATE SEQUENCE s;
/* before */ SELECT /* in /* nested */ it */ nextval /* x */ ( /* y */ 's' /* z */ ) /* after */;
 -- a line before it
SELECT nextval('s');
SELECT nextval('s') -- at the end
;
SELECT nextval('s')--'
;
SELECT--
nextval--
(--
's'--
)--
;
SELECT/**/nextval/**/('s');
SELECT nextval('s') /* ' */;
SELECT nextval('s') /* " */;
SELECT nextval('s') /* $$ */;
SELECT nextval('s') /* -- */;
SELECT nextval('s') /*/ */;
SELECT nextval('s') /***/;
SELECT	nextval(	's'	)	;
SELECT


nextval('s');
SELECT '--', nextval('s');
SELECT '/*', nextval('s'), '*/';
SELECT '';
SELECT 'it''s', nextval('s');
SELECT '''', '''''';
SELECT 'a' 'b';
SELECT 'a'
  'b';
SELECT 'a' -- and
  'b';
SELECT 'a' /* and */
  'b';
SELECT nextval('s'
'');
SELECT E'a\nb', E'a\tb', E'\\', E'\'', E'a''b';
SELECT E'\101\x42\u0043\U00000044';
SELECT E'\q', E'\8';
SELECT E'\u00e4';
SELECT E'\ud83d\ude00';
SELECT E'\ud83d';
SELECT E'\u12';
SELECT E'\U00110000';
SELECT E'\000';
SELECT E'\xff';
SELECT e'lower\n';
SELECT 'back\slash', 'two\\';
SELECT $$dollar$$, $a$in $$ it$a$, $_1$x$_1$;
SELECT $$it's "quoted" -- not a comment$$;
SELECT $$two
lines$$;
SELECT $$$$;
SELECT $a$$$$a$;
\differs not_served => error 0A000
SELECT U&'d\0061t\+000061', U&'d!0061t!+000061' UESCAPE '!';
\differs not_served => error 0A000
SELECT U&'\\';
\differs not_served => error 0A000
SELECT U&'\00e4';
\differs not_served => error 0A000
SELECT U&'\00';
\differs not_served => error 0A000
SELECT U&'a' UESCAPE 'aa';
\differs not_served => error 0A000
SELECT U&'a' UESCAPE '+';
\differs not_served => error 0A000
SELECT B'101';
\differs not_served => error 0A000
SELECT X'1F';
\differs not_served => error 0A000
SELECT N'national';
SELECT 'größe', 'žluťoučký', '数', '🙂';
SELECT 1, -1, +1, 0, 007, - 1;
SELECT 2147483647, 2147483648, -2147483648, 9223372036854775807, -9223372036854775808;
SELECT true, false, TRUE, False, NULL, null;
SELECT 1 AS one, 'x' AS two, NULL AS three, true AS four;
SELECT 1 one, 'x' "Two", NULL three;
SELECT 1, 2, 3;
SELECT (1), ((2)), ('x'), (NULL), (true);
\differs not_served => error 0A000
SELECT - - 5;
\differs not_served => error 0A000
SELECT + + 5;
\differs not_served => error 0A000
SELECT -(-5);
SELECT 'x' AS "größe";
SELECT 1 AS select;
SELECT 1 AS "select";
SELECT 1 select;
SELECT 1 value;
SELECT 1 year;
SELECT 1 AS year;
SELECT 1 overlaps;
SELECT 1 AS "a""b";
SELECT 1 AS "";
\differs not_served => error 0A000
SELECT ALL 5;
SELECT;
