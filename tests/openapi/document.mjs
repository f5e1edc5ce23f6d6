/*
 * openapi.yaml as the tests read it: the document, its references, its operations,
 * validators for its schemas, and the error table of store/error.h beside it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/* The packages are installed beside openapi/package.json, not here. */
const root = new URL('../../', import.meta.url);
export const require = createRequire(new URL('openapi/package.json', root));

const { parse } = require('yaml');
const Ajv2020 = require('ajv/dist/2020.js').default;
const addFormats = require('ajv-formats').default;

export const readSource = (path) => readFileSync(new URL(path, root), 'utf8');

export const document = parse(readSource('openapi/openapi.yaml'));

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/* '/a~1b' of a JSON pointer */
export const escapePointer = (key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1');
const unescapePointer = (key) =>
  decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~');

export const at = (pointer) =>
  pointer
    .slice(2)
    .split('/')
    .reduce((node, key) => node[unescapePointer(key)], document);

/* Follows references: the object meant, and the pointer to where it stands. */
export function deref(node, pointer) {
  while (node.$ref !== undefined) {
    pointer = node.$ref;
    node = at(pointer);
  }
  return { node, pointer };
}

function parametersOf(item, itemPointer, operation, operationPointer) {
  const own = (owner, pointer) =>
    (owner.parameters ?? []).map((parameter, i) => deref(parameter, `${pointer}/parameters/${i}`));
  return [...own(item, itemPointer), ...own(operation, operationPointer)];
}

/* Every operation: {id, method, path, segments, node, pointer, parameters}. */
export const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  methods
    .filter((method) => item[method] !== undefined)
    .map((method) => {
      const itemPointer = `#/paths/${escapePointer(path)}`;
      const pointer = `${itemPointer}/${method}`;
      const node = item[method];
      return {
        id: node.operationId,
        method: method.toUpperCase(),
        path,
        segments: path.split('/'),
        node,
        pointer,
        parameters: parametersOf(item, itemPointer, node, pointer),
      };
    }),
);

/*
 * Objects without a word on further members allow any, which is right for clients
 * and too lax for tests: here a member that is not documented is a failure.
 */
function close(node) {
  if (Array.isArray(node)) {
    return node.map(close);
  }
  if (node === null || typeof node !== 'object') {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, close(value)]));
  if (copy.type === 'object' && copy.properties && copy.additionalProperties === undefined) {
    copy.additionalProperties = false;
  }
  return copy;
}

const int64Forms = {
  number: { type: 'integer' },
  string: { type: 'string', pattern: '^(0|-?[1-9][0-9]{0,18})$' },
};

/*
 * compile(pointer) gives a validator of the schema there, by Ajv's conventions.
 * `int64` is how 64-bit values in replies must look: 'number', 'string', or 'any'.
 */
export function compiler(int64) {
  const closed = close(document);
  if (int64 !== 'any') {
    closed.components.schemas.Int64 = int64Forms[int64];
  }
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(closed, 'document');
  return (pointer) => ajv.compile({ $ref: `document${pointer}` });
}

export const explain = (validate) =>
  validate.errors.map(({ instancePath, message, params }) => {
    const what = params.additionalProperty ?? params.allowedValue ?? params.allowedValues ?? '';
    return `${instancePath || 'the whole'} ${message}${what === '' ? '' : ` (${what})`}`;
  });

/* store/error.h's rows by wire name: {status, sqlstate, retryable, title}. */
export const errorTable = new Map(
  [
    ...readSource('store/error.h').matchAll(
      /X\(\w+,\s*"(\w+)",\s*(\d+),\s*"(\w*)",\s*(true|false),[\s\\]*"([^"]+)"\)/g,
    ),
  ].map(([, code, status, sqlstate, retryable, title]) => [
    code,
    { status: Number(status), sqlstate, retryable: retryable === 'true', title },
  ]),
);

/* Operations whose problems may have an SQLSTATE finer than the table's. */
const finerSqlstates = ['sql', 'createSerial'];

/* What only a batch of statements has. */
const ofBatch = ['statement', 'results', 'notices'];

function checkBatch(problem, operationId) {
  const has = [...ofBatch, 'position'].filter((member) => problem[member] !== undefined);
  if (operationId !== 'sql') {
    return has.map((member) => `${member} outside of SQL`);
  }
  return has.length === 0
    ? []
    : ofBatch.filter((member) => !has.includes(member)).map((member) => `${has} without ${member}`);
}

/* What a problem document says against the error table; no `operationId` for an unknown path. */
export function checkProblem(problem, status, operationId) {
  const row = errorTable.get(problem.code);
  if (row === undefined) {
    return [`code "${problem.code}" is not in store/error.h`];
  }
  const wrong = (member, is, should) =>
    is === should ? [] : [`${member} of ${problem.code} is ${is}, store/error.h says ${should}`];
  return [
    ...wrong('the HTTP status', status, row.status),
    ...wrong('status', problem.status, row.status),
    ...wrong('title', problem.title, row.title),
    ...(finerSqlstates.includes(operationId) && problem.sqlstate !== undefined && row.sqlstate !== ''
      ? []
      : wrong('sqlstate', problem.sqlstate ?? '', row.sqlstate)),
    ...checkBatch(problem, operationId),
  ];
}

/*
 * Prints each distinct failure once, with where it was first seen, and at the end
 * how often it came again and the counts; sets the exit status.
 */
export class Report {
  passed = 0;
  failed = 0;
  seen = new Map();

  check(name, failures, where = '') {
    if (failures.length === 0) {
      this.passed++;
      return;
    }
    this.failed++;
    const text = [`FAILED ${name}`, ...failures].join('\n    ');
    const before = this.seen.get(text) ?? 0;
    this.seen.set(text, before + 1);
    if (before === 0) {
      console.log(where === '' ? text : `${text}\n    at ${where}`);
    }
  }

  end() {
    for (const [text, count] of this.seen) {
      if (count > 1) {
        console.log(`${count} times: ${text.split('\n', 1)[0]}`);
      }
    }
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed > 0 || this.passed === 0 ? 1 : 0;
  }
}
