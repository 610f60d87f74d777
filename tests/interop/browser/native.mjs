// A native program under test that prints one JSON event in a line: started, told, waited for, ended.

import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

import {DEADLINE_MS, DeadlineError, within} from './waiting.mjs';

export class Native {
  #child;
  #exited;
  #waiters = new Set();
  events = [];
  errors = '';
  stopSignal = 'SIGTERM';

  constructor(program, args, env = {}) {
    this.name = program.split('/').pop();
    this.#child = spawn(program, args, {stdio: ['pipe', 'pipe', 'pipe'], env: {...process.env, ...env}});
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({error}));
      this.#child.once('close', (code, signal) => resolve({code, signal}));
    });
    this.#exited.then(() => this.#wake());
    this.#child.stdin.on('error', () => {}); // it ended before it was told all
    this.#child.stderr.on('data', (data) => { this.errors += data; });
    createInterface({input: this.#child.stdout}).on('line', (line) => this.#take(line));
  }

  #take(line) {
    try {
      this.events.push(JSON.parse(line));
    } catch {
      this.events.push({event: 'not JSON', line});
    }
    this.#wake();
  }

  #wake() {
    for (const check of this.#waiters) {
      check();
    }
  }

  /** The first event from index `from` on that has all the fields given, now or later. */
  wait(fields, {from = 0, deadlineMs = DEADLINE_MS} = {}) {
    const matches = (event) => Object.entries(fields).every(([key, value]) => event[key] === value);
    const what = `${this.name} to say ${JSON.stringify(fields)}`;
    let check;
    const found = new Promise((resolve, reject) => {
      check = () => {
        const event = this.events.slice(from).find(matches);
        if (event) {
          resolve(event);
        } else if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
          reject(new DeadlineError(`${this.name} ended while waiting for ${what}`));
        }
      };
      this.#waiters.add(check);
      check();
    });
    return within(what, found, deadlineMs).finally(() => this.#waiters.delete(check));
  }

  count(fields) {
    return this.events.filter((event) => Object.entries(fields).every(([key, value]) => event[key] === value)).length;
  }

  /** A line of words, each quoted as a shell would. */
  tell(...words) {
    this.say(words.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(' '));
  }

  say(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /**
   * Closes its input, which is enough where stopSignal is null, and tells it to end; by force if that does not
   * help.  Resolves to {code, signal}.
   */
  async stop(signal = this.stopSignal) {
    this.#child.stdin.end();
    if (signal !== null) {
      this.#child.kill(signal);
    }
    try {
      return await within(`${this.name} to end`, this.#exited, 8000);
    } catch (error) {
      this.#child.kill('SIGKILL');
      await this.#exited;
      throw error;
    }
  }

  /** Closes its input and waits until it has ended. */
  async finish() {
    this.#child.stdin.end();
    return within(`${this.name} to end`, this.#exited);
  }

  /** For a failure's account. */
  describe() {
    const lines = this.events.slice(-25).map((event) => `    ${JSON.stringify(event)}`);
    return [`  ${this.name} said last:`, ...lines, ...this.errors.trim().split('\n').slice(-15).map((line) => `    ! ${line}`)].join('\n');
  }
}
