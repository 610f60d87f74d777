// Whether a connection's own offer has led to a candidate yet, which Chromium makes one ask: an offer
// that is taken back before that leaves its connection without candidates for good, and no later offer
// and no ICE restart mends it.  (Seen in Chromium 156, in half of all such cases; Firefox minds nothing.)

const DEADLINE_MS = 1000; // a machine without an address has no candidate to wait for

const gathered = new WeakMap(); // connection -> the ICE generation of its last candidate

const generationOf = (description) => description?.sdp.match(/^a=ice-ufrag:(.*)$/m)?.[1].trim();

/** To be called before the connection is used. */
export function watchCandidates(pc) {
  pc.addEventListener('icecandidate', ({candidate}) => {
    gathered.set(pc, candidate?.usernameFragment ?? generationOf(pc.localDescription));
  });
}

/** Resolves once the offer that is out may be taken back. */
export async function mayTakeBack(pc) {
  const offered = generationOf(pc.pendingLocalDescription);
  if (offered === undefined || offered !== gathered.get(pc)) {
    await new Promise((resolve) => {
      pc.addEventListener('icecandidate', resolve, {once: true});
      setTimeout(resolve, DEADLINE_MS);
    });
  }
}
