// What one case works with: a server, native peers and pages, all ended when the case ends.

import {existsSync} from 'node:fs';
import {join} from 'node:path';

import {Native} from './native.mjs';
import {uniqueName} from './peers.mjs';

// A sanitizer's finding, a leak at the end among them, shows in the status.
async function endWell(native) {
  const {code, signal, error} = await native.stop();
  if (code !== 0) {
    throw new Error(`${native.name} ended with ${error ?? signal ?? code}: ${native.errors.slice(-2000)}`);
  }
}

export class Lab {
  #build;
  #browser;
  #pages = [];
  #natives = [];
  #server = null;
  #port = 0;

  constructor(build, browser, hasSnap) {
    this.#build = build;
    this.#browser = browser;
    this.hasSnap = hasSnap; // the browser says a=sctp-init
  }

  /** The first time on a port that the kernel picks, later on the same one. */
  async startServer() {
    this.#server = new Native(join(this.#build, 'apps/pierced/pierced'),
      ['--listen', `127.0.0.1:${this.#port}`, '--json']);
    const {url} = await this.#server.wait({event: 'listening'});
    this.#port = Number(new URL(url).port);
    this.url = url;
  }

  async killServer() {
    const server = this.#server;
    this.#server = null;
    await server.stop('SIGKILL');
  }

  startPeer(name) {
    return this.#start('tests/interop/browser/interop-peer', [this.url, name], name, null);
  }

  /** A subcommand of pierce, with a name of its own. */
  startCommand(command, args) {
    const name = uniqueName(command);
    return this.#start('apps/pierce/pierce', [command, '--server', this.url, '--name', name, '--json', ...args], name, 'SIGTERM');
  }

  #start(program, args, name, stopSignal) {
    const native = new Native(join(this.#build, program), args, {G_DEBUG: 'fatal-criticals'});
    Object.assign(native, {peerName: name, stopSignal});
    this.#natives.push(native);
    return native;
  }

  /** The page, which joins the room at once. */
  openPage({room, name}) {
    return this.#open(`?room=${encodeURIComponent(room)}&name=${encodeURIComponent(name)}`);
  }

  /** The page's origin without its doings. */
  openBare() {
    return this.#open('?auto=0');
  }

  async #open(query) {
    const page = await this.#browser.newPage();
    this.#pages.push(page);
    await page.goto(`${this.url}${query}`);
    return page;
  }

  /** Ends all pages and peers; the server stays. */
  async reset() {
    const ended = await Promise.allSettled([
      ...this.#pages.splice(0).map((page) => page.close()),
      ...this.#natives.splice(0).map(endWell),
    ]);
    const failure = ended.find(({status}) => status === 'rejected');
    if (failure) {
      throw failure.reason;
    }
  }

  async stop() {
    await this.reset();
    const ended = await this.#server?.stop();
    if (ended && ended.code !== 0) {
      throw new Error(`pierced ended with ${ended.code}`);
    }
  }

  /** For a failure's account: what everybody saw last. */
  async describe() {
    const pages = await Promise.all(this.#pages.map((page) => page.evaluate(async () => JSON.stringify(
      window.test ? {log: test.log.slice(-60), errors: test.errors, states: await test.states()}
        : document.querySelector('main')?.innerText.slice(0, 1500)))
      .catch((error) => `no answer: ${error.message}`)));
    return [...this.#natives.map((native) => native.describe()), this.#server?.describe() ?? '',
      ...pages.map((text) => `  the page:\n    ${text}`),
      ...this.#pages.flatMap((page) => page.complaints.map((complaint) => `  the page complains: ${complaint}`))].join('\n');
  }

  static missing(build) {
    return ['apps/pierced/pierced', 'apps/pierce/pierce', 'tests/interop/browser/interop-peer']
      .filter((program) => !existsSync(join(build, program)));
  }
}
