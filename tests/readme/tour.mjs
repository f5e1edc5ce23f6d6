// Runs the README's tour against a fresh seqd and compares what each command prints.
// usage: node tour.mjs path/to/seqd README.md
//
// Between <!-- tour --> and <!-- /tour -->, in ```console blocks: a line that begins with
// "$ " is a command (a backslash at its end continues it), the lines up to the next
// command are its output. What differs from run to run (generations, times, the port) is
// made equal on both sides.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [seqd, readme] = process.argv.slice(2);
const DEADLINE_MS = 15000;

function steps(markdown) {
  const found = [];
  for (const tour of markdown.matchAll(/<!-- tour -->([\s\S]*?)<!-- \/tour -->/g))
    for (const block of tour[1].matchAll(/```console\n([\s\S]*?)```/g)) {
      const lines = block[1].trimEnd().split('\n');
      while (lines.length > 0) {
        let command = lines.shift().replace(/^\$ /, '');
        while (command.endsWith('\\')) command = command.slice(0, -1) + lines.shift().trim();
        const output = [];
        while (lines.length > 0 && !lines[0].startsWith('$ ')) output.push(lines.shift());
        found.push({ command, output: output.join('\n') });
      }
    }
  return found;
}

const normal = (text) =>
  text
    .replace(/\r/g, '')
    .replace(/[0-9a-f]{32}/g, 'GENERATION')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, 'TIME')
    .replace(/^Date: .*$/gm, 'Date: DATE')
    .trimEnd();

async function address(child) {
  let log = '';
  const deadline = Date.now() + DEADLINE_MS;
  child.stderr.on('data', (chunk) => (log += chunk));
  while (Date.now() < deadline) {
    const found = log.match(/"event":"listening","address":"([^"]+)"/);
    if (found) {
      const ready = await fetch(`http://${found[1]}/readyz`).catch(() => null);
      if (ready?.ok) return found[1];
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`seqd did not get ready:\n${log}`);
}

const directory = mkdtempSync(join(tmpdir(), 'seqd-tour-'));
const child = spawn(seqd, ['--listen', '127.0.0.1:0', '--data-dir', directory], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
let passed = 0;
let failed = 0;
try {
  const at = await address(child);
  for (const { command, output } of steps(readFileSync(readme, 'utf8'))) {
    const run = spawnSync('bash', ['-c', command.replaceAll('localhost:8080', at)], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
    });
    if (normal(run.stdout) === normal(output)) {
      passed++;
      continue;
    }
    failed++;
    console.log(`$ ${command}\n--- the README says\n${output}\n--- seqd says\n${run.stdout}${run.stderr}`);
  }
  if (passed + failed === 0) throw new Error('the README has no tour');
} finally {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(directory, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
