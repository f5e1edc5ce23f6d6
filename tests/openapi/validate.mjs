/*
 * node validate.mjs [--min-coverage=PERCENT] [--allow-unseen] FILE...
 *
 * Checks recorded replies against openapi.yaml. A FILE has one JSON object a line:
 *
 *   {"method": "POST", "path": "/v1/sequences?int64=string",
 *    "request_content_type": "application/json" or null, "request_body": string or null,
 *    "status": 201, "headers": {"lower-case name": "value"}, "body": string}
 *
 * Each must be documented: path, method, status, content type, body, headers; and a
 * request that was accepted must be one that the document allows. An operation never
 * seen to succeed is a failure, unless --allow-unseen; so is seeing less than PERCENT
 * of the documented pairs of operation and status (default 0).
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  checkProblem, compiler, deref, errorTable, escapePointer, explain, operations, Report,
} from './document.mjs';

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    'min-coverage': { type: 'string', default: '0' },
    'allow-unseen': { type: 'boolean', default: false },
  },
});
if (files.length === 0) {
  console.error('usage: node validate.mjs [--min-coverage=PERCENT] [--allow-unseen] FILE...');
  process.exit(2);
}

const report = new Report();
const compilers = { any: compiler('any'), number: compiler('number'), string: compiler('string') };
const validators = new Map();

/* What is wrong with `value` as an instance of the schema at `pointer`. */
function invalid(pointer, value, int64 = 'any') {
  const key = `${int64} ${pointer}`;
  if (!validators.has(key)) {
    validators.set(key, compilers[int64](pointer));
  }
  const validate = validators.get(key);
  return validate(value) ? [] : explain(validate);
}

const problemPointer = '#/components/schemas/Problem';
const mediaType = (header) => (header ?? '').split(';', 1)[0].trim().toLowerCase();
const bytes = (text) => Buffer.byteLength(text);

/*
 * JSON.parse rounds what a double cannot hold and takes 1.0 for 1, so the digits are
 * looked at as they were sent: every number of this API is an integer of 64 bits.
 */
function badNumbers(text) {
  const numbers = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? [];
  return numbers
    .filter((digits) => !/^-?\d+$/.test(digits) || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits))
    .map((digits) => `${digits} is not a 64-bit integer`);
}

function parseJson(text) {
  try {
    return { value: JSON.parse(text), failures: badNumbers(text) };
  } catch (error) {
    return { value: undefined, failures: [`not JSON: ${error.message}`] };
  }
}

/* {operation, known}: `known` are the operations of that path, by method. */
function find(method, path) {
  const segments = path.split('/');
  const fits = (pattern) =>
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith('{') ? segments[i] !== '' : part === segments[i]));
  const known = operations.filter((operation) => fits(operation.segments));
  const as = method === 'HEAD' ? 'GET' : method;
  return { operation: known.find((operation) => operation.method === as), known };
}

function checkHeader(name, header, value) {
  if (value === undefined) {
    return header.node.required ? [`no header ${name}`] : [];
  }
  const { node: schema } = deref(header.node.schema, `${header.pointer}/schema`);
  const typed = schema.type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
  return invalid(`${header.pointer}/schema`, typed).map((text) => `header ${name}: ${text}`);
}

function checkHeaders(response, record) {
  return Object.entries(response.node.headers ?? {}).flatMap(([name, header]) => {
    const pointer = `${response.pointer}/headers/${escapePointer(name)}`;
    return checkHeader(name, deref(header, pointer), record.headers[name.toLowerCase()]);
  });
}

function checkProblemReply(record, operationId) {
  const { value, failures } = parseJson(record.body);
  if (failures.length > 0) {
    return failures;
  }
  const wrong = invalid(problemPointer, value);
  if (wrong.length > 0) {
    return wrong;
  }
  const retry = record.headers['retry-after'] !== undefined;
  if (retry !== errorTable.get(value.code)?.retryable) {
    wrong.push(`${value.code} ${retry ? 'with' : 'without'} Retry-After`);
  }
  return [...wrong, ...checkProblem(value, record.status, operationId)];
}

function checkBody(operation, response, record, int64) {
  const content = response.node.content ?? {};
  const type = mediaType(record.headers['content-type']);
  if (record.method === 'HEAD' || Object.keys(content).length === 0) {
    return record.body === '' ? [] : ['a body where there must be none'];
  }
  if (content[type] === undefined) {
    return [`content type "${type}" is not documented`];
  }
  if (type === 'application/problem+json') {
    return checkProblemReply(record, operation.id);
  }
  const pointer = `${response.pointer}/content/${escapePointer(type)}/schema`;
  if (type !== 'application/json') {
    return invalid(pointer, record.body);
  }
  const { value, failures } = parseJson(record.body);
  return failures.length > 0 ? failures : invalid(pointer, value, int64);
}

/* A request that was accepted: does the document allow it? */
function checkQuery(operation, query) {
  return [...query].flatMap(([name, text]) => {
    const found = operation.parameters.find(({ node }) => node.in === 'query' && node.name === name);
    if (found === undefined) {
      return [`accepted the undocumented query parameter "${name}"`];
    }
    const value = found.node.schema.type === 'integer' ? Number(text) : text;
    return invalid(`${found.pointer}/schema`, value).map((why) => `accepted "${name}": ${why}`);
  });
}

function checkRequestBody(operation, record) {
  const body = record.request_body ?? '';
  const limit = operation.id === 'sql' ? 1048576 : 65536;
  if (operation.node.requestBody === undefined) {
    return body === '' ? [] : ['accepted a body where none is documented'];
  }
  const { node, pointer } = deref(operation.node.requestBody, `${operation.pointer}/requestBody`);
  const type = mediaType(record.request_content_type);
  const isText = type !== 'application/json' && node.content[type] !== undefined;
  if (body === '' && !isText) {
    return node.required ? ['accepted without the required body'] : [];
  }
  if (node.content[type] === undefined) {
    return [`accepted a body of type "${type}"`];
  }
  const { value, failures } = isText ? { value: body, failures: [] } : parseJson(body);
  const wrong = failures.length > 0
    ? failures
    : invalid(`${pointer}/content/${escapePointer(type)}/schema`, value);
  return [
    ...wrong.map((why) => `accepted a body that the document does not allow: ${why}`),
    ...(bytes(body) > limit ? [`accepted more than ${limit} bytes`] : []),
  ];
}

function checkDocumented(operation, record, query) {
  const response = operation.node.responses[record.status];
  if (response === undefined) {
    return [`status ${record.status} is not documented`];
  }
  const found = deref(response, `${operation.pointer}/responses/${record.status}`);
  const int64 = query.get('int64') === 'string' ? 'string' : 'number';
  const accepted = record.status < 300
    ? [...checkQuery(operation, query), ...checkRequestBody(operation, record)]
    : [];
  return [...checkHeaders(found, record), ...checkBody(operation, found, record, int64), ...accepted];
}

function checkAllow(known, record) {
  const allow = (record.headers.allow ?? '').split(',').map((method) => method.trim());
  const has = known.some(({ method }) => method === 'GET') ? ['HEAD', 'OPTIONS'] : ['OPTIONS'];
  return [...known.map(({ method }) => method), ...has]
    .filter((method) => !allow.includes(method))
    .map((method) => `Allow "${record.headers.allow ?? ''}" lacks ${method}`);
}

/* The replies that no operation stands for: unknown paths and methods, OPTIONS. */
function checkUndocumented(known, record) {
  const problem = (status) => {
    if (record.status !== status) {
      return [`status ${record.status} where ${status} is due`];
    }
    if (record.method === 'HEAD') {
      return record.body === '' ? [] : ['a body in reply to HEAD'];
    }
    const type = mediaType(record.headers['content-type']);
    return [
      ...(type === 'application/problem+json' ? [] : [`content type "${type}"`]),
      ...checkProblemReply(record),
    ];
  };
  if (record.method === 'OPTIONS' && (known.length > 0 || record.path === '*')) {
    return [
      ...([200, 204].includes(record.status) ? [] : [`status ${record.status} to OPTIONS`]),
      ...(record.body === '' ? [] : ['a body in reply to OPTIONS']),
      ...(known.length > 0 ? checkAllow(known, record) : []),
    ];
  }
  return known.length > 0 ? [...problem(405), ...checkAllow(known, record)] : problem(404);
}

const seen = new Set();

function checkRecord(record, where) {
  const [path, search = ''] = record.path.split('?', 2);
  const { operation, known } = find(record.method, path);
  const sniff = record.headers['x-content-type-options'] === 'nosniff' ? [] : ['no nosniff'];
  if (operation === undefined) {
    const name = `${record.method} ${known.length > 0 ? known[0].path : path} ${record.status}`;
    report.check(name, [...sniff, ...checkUndocumented(known, record)], where);
    return;
  }
  if (record.method !== 'HEAD') {
    seen.add(`${operation.id} ${record.status}`);
  }
  const failures = checkDocumented(operation, record, new URLSearchParams(search));
  report.check(`${operation.id} ${record.status}`, failures, where);
}

function checkFile(file) {
  readFileSync(file, 'utf8').split('\n').forEach((line, i) => {
    if (line.trim() === '') {
      return;
    }
    try {
      const record = JSON.parse(line);
      checkRecord(record, `${file}:${i + 1}: ${record.method} ${record.path}`);
    } catch (error) {
      report.check(`${file}:${i + 1}`, [`not a record: ${error.message}`]);
    }
  });
}

function checkCoverage() {
  const pairs = operations.flatMap(({ id, node }) =>
    Object.keys(node.responses).map((status) => `${id} ${status}`));
  const unseen = pairs.filter((pair) => !seen.has(pair));
  unseen.forEach((pair) => console.log(`never seen: ${pair}`));
  const percent = (100 * (pairs.length - unseen.length)) / pairs.length;
  console.log(`seen ${pairs.length - unseen.length} of ${pairs.length} documented replies, ${percent.toFixed(1)} %`);
  report.check('coverage', percent < Number(options['min-coverage'])
    ? [`${percent.toFixed(1)} % is less than ${options['min-coverage']} %`]
    : []);
  const never = operations
    .filter(({ id, node }) => !Object.keys(node.responses)
      .some((status) => status < '300' && seen.has(`${id} ${status}`)))
    .map(({ id }) => `${id} was never seen to succeed`);
  report.check('every operation', options['allow-unseen'] ? [] : never);
}

files.forEach(checkFile);
checkCoverage();
report.end();
