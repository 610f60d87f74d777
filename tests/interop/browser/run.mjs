// run.mjs chromium|chromium-snap|firefox [--repeat N] [--only TEXT] [--build DIR]: drives a real browser against
// pierced and native peers.  Prints a line for each case and a closing count; exits 1 if one failed and
// 77 where the network that it needs cannot be made.

import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {LAUNCHERS} from './browsers.mjs';
import {CONNECTION_CASES} from './cases-connection.mjs';
import {MESSAGE_CASES} from './cases-messages.mjs';
import {PAGE_CASES} from './cases-page.mjs';
import {Lab} from './lab.mjs';
import {enterOwnNetwork} from './network.mjs';
import {ROLES} from './peers.mjs';
import {within} from './waiting.mjs';

const CASE_DEADLINE_MS = 90000;

/** Each case once for each role that it takes. */
function selectCases(only) {
  return [...MESSAGE_CASES, ...CONNECTION_CASES, ...PAGE_CASES]
    .flatMap(({name, run, role}) => (role === null ? [{name, run: (lab) => run(lab)}]
      : ROLES.map((each) => ({name: `${name}, ${each}`, run: (lab) => run(lab, each)}))))
    .filter(({name}) => only === undefined || name.includes(only));
}

async function runCase({name, run}, build, browser, hasSnap) {
  const lab = new Lab(build, browser, hasSnap);
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  try {
    await within(`the case ${name}`, (async () => {
      await lab.startServer();
      await run(lab);
    })(), CASE_DEADLINE_MS);
    await lab.stop();
    console.log(`ok      ${name} (${seconds()})`);
    return true;
  } catch (error) {
    console.log(`FAILED  ${name} (${seconds()}): ${error.message}`);
    console.log(await lab.describe());
    await lab.stop().catch((late) => console.log(`  and ending it: ${late.message}`));
    return false;
  }
}

async function runAll(browserName, {repeat, only, build}) {
  const cases = selectCases(only);
  let passed = 0;
  let failed = 0;
  for (let round = 0; round < repeat; round++) {
    const browser = await LAUNCHERS[browserName]();
    if (round === 0) {
      console.log(`${browserName} ${browser.version}, ${cases.length} cases, ${repeat} times`);
    }
    try {
      for (const each of cases) {
        (await runCase(each, build, browser, browserName === 'chromium-snap')) ? passed++ : failed++;
      }
    } finally {
      await browser.close();
    }
  }
  console.log(`${browserName}: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    repeat: {type: 'string', default: '1'},
    only: {type: 'string'},
    build: {type: 'string', default: join(import.meta.dirname ?? '.', '../../../build/release')},
  },
});
const [browserName] = positionals;
if (!(browserName in LAUNCHERS) || !(Number(values.repeat) > 0)) {
  console.error('usage: run.mjs chromium|chromium-snap|firefox [--repeat N] [--only TEXT] [--build DIR]');
  process.exit(2);
}
enterOwnNetwork();
const missing = Lab.missing(values.build);
if (missing.length > 0) {
  console.error(`not built in ${values.build}: ${missing.join(', ')}`);
  process.exit(1);
}
process.exit(await runAll(browserName, {...values, repeat: Number(values.repeat)}) ? 0 : 1);
