// The little that the page reads out of session descriptions and candidates.  Never writes one.

/** A description is a string, or an object as browsers print it; null for anything else. */
export function textOf(sdpField) {
  const text = typeof sdpField === 'object' ? sdpField?.sdp : sdpField;
  return typeof text === 'string' ? text : null;
}

/** Counts a candidate line by type and protocol; anything else is passed over. */
export function countCandidate(counts, line) {
  const words = typeof line === 'string' ? line.split(' ') : [];
  if (words[6] === 'typ' && words[7]) {
    const key = `${words[7].trim()} ${words[2].toLowerCase()}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
}

/** The same for all those that a description holds. */
export function countCandidates(counts, sdp) {
  (sdp.match(/^a=candidate:.*$/gm) ?? []).forEach((line) => countCandidate(counts, line));
}

/** The peer's certificate, as its description names it: who has another is another connection. */
export function fingerprintOf(sdp) {
  return sdp?.match(/^a=fingerprint:(.*)$/m)?.[1].trim().toUpperCase() ?? null;
}
