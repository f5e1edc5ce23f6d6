/*
 * node build.mjs OUT
 *
 * From openapi.yaml, docs/ and swagger-ui-dist makes, under OUT, the files that
 * seqd serves, as a tree that any web server could serve as well:
 *
 *   openapi.yaml, openapi.json, docs/...
 *
 * and what links them into the binary (see assets.h):
 *
 *   assets.S        the bytes, through .incbin
 *   assets_table.c  paths, content types and sizes
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const here = dirname(fileURLToPath(import.meta.url));
const swagger = join(here, 'node_modules', 'swagger-ui-dist');

const contentTypes = {
  '.yaml': 'application/yaml',
  '.json': 'application/json',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

const read = (...path) => readFileSync(join(...path), 'utf8');

/* The source maps are not served: a reference to one would be a 404 for whoever debugs. */
const withoutSourceMap = (text) => text.replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*/g, '') + '\n';

function writePage(out) {
  for (const file of ['index.html', 'docs.css', 'docs.js', 'favicon.svg']) {
    copyFileSync(join(here, 'docs', file), join(out, file));
  }
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    writeFileSync(join(out, file), withoutSourceMap(read(swagger, file)));
  }
  /* The bundle's first line refers to this name. */
  const licences = ['NOTICE', 'LICENSE', 'swagger-ui-bundle.js.LICENSE.txt'];
  writeFileSync(
    join(out, 'swagger-ui-bundle.js.LICENSE.txt'),
    licences.map((file) => read(swagger, file).trim()).join('\n\n----\n\n') + '\n',
  );
}

/* [path in the URL, file under OUT] */
const served = [
  ['/openapi.yaml', 'openapi.yaml'],
  ['/openapi.json', 'openapi.json'],
  ['/docs', 'docs/index.html'],
  ...[
    'docs.css',
    'docs.js',
    'favicon.svg',
    'swagger-ui.css',
    'swagger-ui-bundle.js',
    'swagger-ui-bundle.js.LICENSE.txt',
  ].map((file) => [`/docs/${file}`, `docs/${file}`]),
];

function assembly(out) {
  const blobs = served.map(
    ([, file], i) => `    .globl asset_data_${i}
    .hidden asset_data_${i}
    .balign 16
asset_data_${i}:
    .incbin ${JSON.stringify(join(out, file))}
`,
  );
  return `/* Written by build.mjs. */
    .section .rodata
${blobs.join('')}    .section .note.GNU-stack,"",%progbits
`;
}

function table(out) {
  const rows = served.map(([path, file], i) => {
    const type = contentTypes[extname(file)];
    return `    {"${path}", "${type}", asset_data_${i}, ${statSync(join(out, file)).size}},\n`;
  });
  const declarations = served.map(
    (_, i) => `extern const unsigned char asset_data_${i}[] __attribute__((visibility("hidden")));\n`,
  );
  return `/* Written by build.mjs. */
#include "openapi/assets.h"

${declarations.join('')}
const struct asset assets[] = {
${rows.join('')}};

const size_t asset_count = sizeof(assets) / sizeof(assets[0]);
`;
}

function build(out) {
  rmSync(join(out, 'docs'), { recursive: true, force: true });
  mkdirSync(join(out, 'docs'), { recursive: true });
  copyFileSync(join(here, 'openapi.yaml'), join(out, 'openapi.yaml'));
  const document = parse(read(here, 'openapi.yaml'));
  writeFileSync(join(out, 'openapi.json'), JSON.stringify(document) + '\n');
  writePage(join(out, 'docs'));
  writeFileSync(join(out, 'assets.S'), assembly(out));
  writeFileSync(join(out, 'assets_table.c'), table(out));
}

if (process.argv.length !== 3) {
  console.error('usage: node build.mjs OUT');
  process.exit(2);
}
build(resolve(process.argv[2]));
