// A peer of pierce-bench within Chromium; ../PROTOCOL.md has the words.  This side only carries lines.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { install } from './page-peer.mjs';

const require = createRequire(new URL('../../../interop/package.json', import.meta.url));
const { chromium } = require('playwright-core');

// Names instead of addresses would cost set-up time that has nothing to do with what is measured.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-features=WebRtcHideLocalIpsWithMdns'];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS,
});
const page = await browser.newPage();
const say = (line) => process.stdout.write(line + '\n');
await page.exposeFunction('say', say);
await page.evaluate(install);

createInterface({ input: process.stdin })
  .on('line', (line) => page.evaluate((words) => window.obey(words), line.split(' '))
    .catch((error) => say(`error ${String(error).replaceAll('\n', ' ')}`)))
  .on('close', () => browser.close().finally(() => process.exit(0)));

say(`ready ${browser.version()}`);
