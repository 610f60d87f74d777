// Waiting for a condition with a deadline: the only way in which these tests wait.

import {setTimeout as pause} from 'node:timers/promises';

export const DEADLINE_MS = 20000;
const POLL_EVERY_MS = 15;

export class DeadlineError extends Error {}

/** Asks until the answer is truthy, and resolves to it. */
export async function poll(what, ask, deadlineMs = DEADLINE_MS) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    if (performance.now() > end) {
      throw new DeadlineError(`waited ${deadlineMs / 1000} s in vain for: ${what}`);
    }
    await pause(POLL_EVERY_MS);
  }
}

/** Ends with the promise, or with an error once the deadline is over. */
export async function within(what, promise, deadlineMs = DEADLINE_MS) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`waited ${deadlineMs / 1000} s in vain for: ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
