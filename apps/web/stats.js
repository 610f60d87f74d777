// Reads RTCStatsReport into the few facts that the path panel and the report show.  Keeps no state.

/**
 * Resolves to {local, remote, rttMs, bytesSent, bytesReceived, candidates, pairs}: local and remote
 * describe the selected pair's candidates, or are null while there is none; candidates counts the
 * local ones by type, pairs counts by state.
 */
export async function readPath(pc) {
  const reports = new Map();
  (await pc.getStats()).forEach((report) => reports.set(report.id, report));
  const pair = selectedPair(reports);
  return {
    local: describeCandidate(reports.get(pair?.localCandidateId)),
    remote: describeCandidate(reports.get(pair?.remoteCandidateId)),
    rttMs: typeof pair?.currentRoundTripTime === 'number' ? pair.currentRoundTripTime * 1000 : null,
    bytesSent: pair?.bytesSent ?? 0,
    bytesReceived: pair?.bytesReceived ?? 0,
    candidates: countLocal(reports),
    pairs: countPairs(reports),
  };
}

// Chromium names the pair in the transport's report; Firefox marks the pair itself.
function selectedPair(reports) {
  let nominated = null;
  for (const report of reports.values()) {
    if (report.type === 'transport' && reports.has(report.selectedCandidatePairId)) {
      return reports.get(report.selectedCandidatePairId);
    }
    if (report.type === 'candidate-pair' && report.state === 'succeeded') {
      if (report.selected) {
        return report;
      }
      if (report.nominated) {
        nominated = report;
      }
    }
  }
  return nominated;
}

function describeCandidate(candidate) {
  if (!candidate) {
    return null;
  }
  return {
    type: candidate.candidateType ?? 'unknown',
    protocol: (candidate.protocol ?? 'udp').toLowerCase(),
    relayProtocol: candidate.relayProtocol ?? null,
    address: printAddress(candidate.address ?? candidate.ip, candidate.port),
  };
}

function printAddress(address, port) {
  if (!address || address.endsWith('.local') || address === '(redacted)') {
    return port ? `hidden, port ${port}` : 'hidden';
  }
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function countLocal(reports) {
  const counts = {};
  for (const report of reports.values()) {
    if (report.type === 'local-candidate') {
      const key = `${report.candidateType} ${(report.protocol ?? 'udp').toLowerCase()}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}

function countPairs(reports) {
  const counts = {};
  for (const report of reports.values()) {
    if (report.type === 'candidate-pair') {
      counts[report.state] = (counts[report.state] ?? 0) + 1;
    }
  }
  return counts;
}
