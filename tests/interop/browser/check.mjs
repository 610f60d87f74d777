// A failed expectation, told in words.

export class CheckError extends Error {}

export function check(condition, expectation) {
  if (!condition) {
    throw new CheckError(`expected that ${expectation}`);
  }
}
