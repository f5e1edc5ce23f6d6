/*
 * node docs.spec.mjs BASE NAME EXPECTED
 *
 * Opens BASE/docs in Chromium ($CHROMIUM, default /usr/bin/chromium), takes the next value
 * of the sequence NAME with "Try it out", and expects the number EXPECTED in the reply
 * that the page shows. No request may leave BASE, and nothing may go wrong on the way.
 */
import { Report, require } from './document.mjs';

const { chromium } = require('playwright-core');

const [base, name, expected] = process.argv.slice(2);
if (expected === undefined) {
  console.error('usage: node docs.spec.mjs BASE NAME EXPECTED');
  process.exit(2);
}
const { origin } = new URL(base);
const report = new Report();

const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });

/* What the page must not do, collected as it happens. */
async function watch(page) {
  const seen = { foreign: [], failed: [], errors: [] };
  await page.route((url) => url.origin !== origin && !/^(data|blob):$/.test(url.protocol), (route) => {
    seen.foreign.push(route.request().url());
    return route.abort();
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      seen.failed.push(`${response.status()} ${response.url()}`);
    }
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      seen.errors.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => seen.errors.push(String(error)));
  return seen;
}

async function tryNextval(page) {
  await page.goto(new URL('/docs', base).href);
  const operation = page.locator('#operations-Values-nextval');
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.locator('tr[data-param-name="name"] input').fill(name);
  await operation.getByRole('button', { name: 'Execute' }).click();
  const reply = operation.locator('.live-responses-table .response');
  await reply.waitFor();
  return {
    status: (await reply.locator('.response-col_status').innerText()).trim(),
    body: await reply.locator('.response-col_description pre').first().innerText(),
  };
}

async function run(page) {
  page.setDefaultTimeout(20000);
  const seen = await watch(page);
  const { status, body } = await tryNextval(page);
  const value = /"value":\s*(-?\d+)/.exec(body)?.[1];
  report.check('the page has a title', /seqd/.test(await page.title()) ? [] : [await page.title()]);
  report.check('nextval answers 200', /^200\b/.test(status) ? [] : [`status ${status}`]);
  report.check('the number is the expected one',
    value === expected ? [] : [`expected ${expected}, the page shows: ${body}`]);
  report.check(`no request leaves ${origin}`, seen.foreign);
  report.check('every request succeeds', seen.failed);
  report.check('no errors or warnings on the console', seen.errors);
}

const browser = await launch();
try {
  await run(await browser.newPage());
} catch (error) {
  report.check('the page can be used', [error.message]);
} finally {
  await browser.close();
}
report.end();
