/*
 * node check_document.mjs
 *
 * What the linters do not know about openapi.yaml: every example is valid, also in
 * its own form of 64-bit numbers; the codes are those of store/error.h; an example
 * of a problem agrees with that table and with the status it stands under; what
 * every reply must carry is declared everywhere.
 */
import {
  checkProblem, compiler, deref, document, errorTable, escapePointer, explain, operations, Report,
} from './document.mjs';

const report = new Report();
const compile = compiler('any');
const compileNumber = compiler('number');
const compileString = compiler('string');

function valid(compileAs, pointer, value) {
  const validate = compileAs(pointer);
  return validate(value) ? [] : explain(validate);
}

/* An example is in one form or the other, never in both at once. */
function eitherForm(pointer, value) {
  const asNumber = valid(compileNumber, pointer, value);
  return asNumber.length === 0 || valid(compileString, pointer, value).length === 0 ? [] : asNumber;
}

function examplesOf(node, pointer) {
  const single = node.example === undefined ? [] : [['example', node.example, `${pointer}/example`]];
  const named = Array.isArray(node.examples)
    ? node.examples.map((value, i) => [`examples/${i}`, value, `${pointer}/examples/${i}`])
    : Object.entries(node.examples ?? {}).map(([name, example]) => {
        const found = deref(example, `${pointer}/examples/${escapePointer(name)}`);
        return [name, found.node.value, found.pointer];
      });
  return [...single, ...named];
}

/* Every object in the document that has a schema and examples, or is a schema and has them. */
function walk(node, pointer) {
  if (node === null || typeof node !== 'object') {
    return;
  }
  const isHolder = node.schema !== undefined && !pointer.endsWith('/properties');
  if (isHolder || Array.isArray(node.examples)) {
    const schema = isHolder ? `${pointer}/schema` : pointer;
    for (const [name, value] of examplesOf(node, pointer)) {
      report.check(`example "${name}" of ${pointer}`, eitherForm(schema, value));
    }
  }
  for (const [key, child] of Object.entries(node)) {
    if (key !== 'example' && key !== 'examples' && key !== 'value') {
      walk(child, `${pointer}/${escapePointer(key)}`);
    }
  }
}

function responsesOf(operation) {
  return Object.entries(operation.node.responses).map(([status, response]) => ({
    status: Number(status),
    ...deref(response, `${operation.pointer}/responses/${status}`),
  }));
}

function checkResponse(operation, { status, node, pointer }) {
  const failures = [];
  const headers = Object.keys(node.headers ?? {});
  const needed = ['X-Content-Type-Options'];
  if (operation.path.startsWith('/v1/')) {
    needed.push('Cache-Control');
  }
  if (status === 503) {
    needed.push('Retry-After');
  }
  if (status === 201) {
    needed.push('Location');
  }
  failures.push(...needed.filter((h) => !headers.includes(h)).map((h) => `no header ${h}`));
  const types = Object.keys(node.content ?? {});
  if (status >= 400 && types.join() !== 'application/problem+json') {
    failures.push(`an error of type ${types}`);
  }
  for (const [type, media] of Object.entries(node.content ?? {})) {
    if (status >= 400) {
      for (const [, problem] of examplesOf(media, `${pointer}/content/${escapePointer(type)}`)) {
        failures.push(...checkProblem(problem, status, operation.id));
      }
    }
  }
  report.check(`${operation.id} ${status}`, failures);
}

function checkCodes() {
  const documented = document.components.schemas.Problem.properties.code.enum;
  const described = [...document.info.description.matchAll(/^\| `(\w+)` \| (\d+) \| (\w*)/gm)];
  const inTable = [...errorTable.keys()];
  const differing = (a, b) => a.filter((code) => !b.includes(code));
  report.check('the codes of the problem schema', [
    ...differing(inTable, documented).map((code) => `${code} is missing`),
    ...differing(documented, inTable).map((code) => `${code} is not in store/error.h`),
  ]);
  const rows = new Map(described.map(([, code, status, sqlstate]) => [code, `${status} ${sqlstate}`]));
  report.check('the codes of the description', [
    ...differing([...rows.keys()], inTable).map((code) => `${code} is not in store/error.h`),
    ...inTable
      .filter((code) => {
        const { status, sqlstate } = errorTable.get(code);
        return rows.get(code)?.trim() !== `${status} ${sqlstate}`.trim();
      })
      .map((code) => `${code} is missing or differs`),
  ]);
}

/* A reader in JavaScript, as the page is, would round it. */
function roundedNumbers(node, pointer) {
  if (typeof node === 'number') {
    return Number.isInteger(node) && !Number.isSafeInteger(node) ? [`${pointer}: ${node}`] : [];
  }
  return node === null || typeof node !== 'object'
    ? []
    : Object.entries(node).flatMap(([key, child]) => roundedNumbers(child, `${pointer}/${key}`));
}

walk(document, '#');
operations.forEach((operation) =>
  responsesOf(operation).forEach((response) => checkResponse(operation, response)));
checkCodes();
report.check('numbers above 2^53', roundedNumbers(document, '#'));
report.check('names of operations', operations.filter(({ id }) => !/^[a-z][A-Za-z0-9]+$/.test(id))
  .map(({ id, path }) => `${path}: "${id}"`));
/* Every schema compiles. */
for (const name of Object.keys(document.components.schemas)) {
  compile(`#/components/schemas/${name}`);
}
report.end();
