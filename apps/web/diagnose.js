// Says in plain words why a connection is not there and what can be done.  Pure: facts in, text out.

const has = (counts, type) => Object.keys(counts ?? {}).some((key) => key.startsWith(`${type} `));

/** For a peer whose connection failed: {title, why, tries}. */
export function explainPeer(peer) {
  const {kind, detail} = peer.failure;
  const title = `No connection to ${peer.name}`;
  switch (kind) {
    case 'no-answer':
      return {
        title,
        why: 'The offer went out through the server, but no answer came back.',
        tries: [
          'Ask whether the other side is still running: its page may be closed or asleep.',
          'Connect again once it is back.',
        ],
      };
    case 'negotiation':
      return {
        title,
        why: `Its description of the connection could not be used: ${detail}`,
        tries: ['Connect again.', 'If it happens each time, send the report to whoever runs the other side.'],
      };
    case 'ice':
      return {title, ...explainIce(peer)};
    case 'dtls':
      return {
        title,
        why: 'Packets arrive, but the encrypted handshake did not finish: the other side\u2019s certificate '
          + 'was not the announced one, or something on the way drops or alters packets.',
        tries: ['Connect again.', 'Try another network, or one without a filtering firewall or VPN.'],
      };
    case 'sctp':
      return {
        title,
        why: 'The encrypted connection is up, but no channel opened over it.',
        tries: ['Connect again.', 'Check that the other side accepts data channels.'],
      };
    default:
      return {
        title: `The connection to ${peer.name} was lost`,
        why: peer.known
          ? 'Its packets stopped arriving, and looking for a new path did not bring them back.'
          : 'Its packets stopped arriving, and it is no longer at the server, so that no new path can be agreed on.',
        tries: ['Check this device\u2019s network.', 'Wait for the other side to come back, then connect again.'],
      };
  }
}

function explainIce(peer) {
  const local = peer.path?.candidates;
  const remote = peer.facts.received;
  if (Object.keys(local ?? {}).length === 0) {
    return {
      why: 'This browser found no address of its own to offer.',
      tries: [
        'Check that this device is on a network.',
        'Look for a browser setting, extension or policy that turns WebRTC off or limits it to a proxy.',
      ],
    };
  }
  if (Object.keys(remote ?? {}).length === 0) {
    return {
      why: 'The other side answered, but none of its addresses arrived or could be used.',
      tries: ['Connect again.', 'Check that the other side is on a network.'],
    };
  }
  if (has(local, 'relay') || has(remote, 'relay')) {
    return {
      why: 'No pair of addresses answered, not even through the relay.',
      tries: [
        'Check that the TURN server is running and may reach both sides.',
        'Try a network that lets UDP out, or a TURN server on TCP port 443.',
      ],
    };
  }
  if (has(local, 'srflx') && has(remote, 'srflx')) {
    return {
      why: 'Both sides know their public addresses, but their routers or firewalls let nothing through.',
      tries: [
        'Ask whoever runs the server to configure a TURN relay.',
        'Put one side on a network with a friendlier router, for example a phone\u2019s hotspot.',
      ],
    };
  }
  return {
    why: 'No pair of addresses answered. At least one side does not know its public address'
      + (peer.facts.hasIceServers ? ': its STUN server could not be reached.' : ', because the server names no STUN server.'),
    tries: [
      'If both sides are on one network, check that it lets its devices talk to each other.',
      peer.facts.hasIceServers
        ? 'Check that UDP to the STUN server is not blocked.'
        : 'Across networks, ask whoever runs the server to configure STUN or TURN.',
    ],
  };
}

/** For the server that cannot be reached or refuses: {title, why, tries}. */
export function explainServer(state, detail, url) {
  if (state === 'refused') {
    return {
      title: 'The server refused to let you in',
      why: detail.reason,
      tries: ['Change the name or the room and join again.'],
    };
  }
  return {
    title: 'The server cannot be reached',
    why: `${detail.reason} Its address is ${url}. Open connections stay open meanwhile.`,
    tries: [
      'Check that pierced is still running, and that this device is on the network.',
      'Nothing needs to be done otherwise: the page keeps trying.',
    ],
  };
}

export const NO_WEBRTC = {
  title: 'This browser does not offer WebRTC',
  why: 'Without it a page cannot open connections to other peers.',
  tries: ['Use a current Chromium, Firefox or Safari.', 'Look for a setting, extension or policy that turns it off.'],
};
