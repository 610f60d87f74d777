// The browsers, driven alike: launch() gives {newPage, close}, and a page has goto, evaluate, until,
// type, click, complaints and close.  All their defaults stand, multicast names included.

import {existsSync} from 'node:fs';

import {DEADLINE_MS, poll} from './waiting.mjs';

const CHROMIUM_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

class Page {
  #page;
  #release;
  complaints = []; // errors that scripts threw, and what the security policy refused

  constructor(page, release) {
    this.#page = page;
    this.#release = release;
    page.on('pageerror', (error) => this.complaints.push(String(error.message ?? error)));
    page.on('console', (message) => {
      if (/content.security.policy/i.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
  }

  goto(url) {
    return this.#page.goto(url);
  }

  /** Runs the function, which may be asynchronous, in the page; what it returns must be plain data. */
  evaluate(func, arg) {
    return this.#page.evaluate(func, arg);
  }

  /** Resolves to the function's first truthy result. */
  until(what, func, arg, deadlineMs = DEADLINE_MS) {
    return poll(what, () => this.evaluate(func, arg), deadlineMs);
  }

  async type(selector, text) {
    await this.#page.focus(selector);
    await this.#page.keyboard.type(text);
  }

  press(key) {
    return this.#page.keyboard.press(key);
  }

  click(selector) {
    return this.#page.click(selector);
  }

  close() {
    return this.#release();
  }
}

// What is behind a flag in Chromium 156: draft-hancke-tsvwg-snap.
const SNAP_FLAG = '--enable-blink-features=WebRtcSctpSnap';

async function launchChromium(...flags) {
  const {chromium} = await import('playwright-core');
  const browser = await chromium.launch({executablePath: findProgram('CHROMIUM', ['/usr/bin/chromium']),
    headless: true, args: [...CHROMIUM_FLAGS, ...flags]});
  return {
    version: browser.version(),
    async newPage() {
      const context = await browser.newContext();
      return new Page(await context.newPage(), () => context.close());
    },
    close: () => browser.close(),
  };
}

async function launchFirefox() {
  const {default: puppeteer} = await import('puppeteer-core');
  const browser = await puppeteer.launch({browser: 'firefox', headless: true,
    executablePath: findProgram('FIREFOX', ['/usr/bin/firefox-esr', '/usr/bin/firefox'])});
  return {
    version: await browser.version(),
    async newPage() {
      const context = await browser.createBrowserContext();
      return new Page(await context.newPage(), () => context.close());
    },
    close: () => browser.close(),
  };
}

function findProgram(variable, paths) {
  const path = process.env[variable] ?? paths.find((candidate) => existsSync(candidate));
  if (!path) {
    throw new Error(`none of ${paths.join(', ')} is there; set ${variable}`);
  }
  return path;
}

export const LAUNCHERS = {
  chromium: () => launchChromium(),
  'chromium-snap': () => launchChromium(SNAP_FLAG),
  firefox: launchFirefox,
};
