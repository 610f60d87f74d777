// What runs inside the browser: a bare peer with perfect negotiation, so that a test can tell it each
// step.  It is made of the browser's own objects and of the page's modules for signalling and for
// Chromium's candidates.  The function is sent into the page as text and must not use anything from
// outside itself.

export async function install() {
  const {Signaling, serverUrl} = await import('/signaling.js');
  const {mayTakeBack, watchCandidates} = await import('/own-candidates.js');
  const test = {clientId: null, peerId: null, pc: null, channels: [], log: [], found: {}, held: null, errors: []};
  window.test = test;
  const log = (text) => test.log.push(`${Math.round(performance.now())} ${text}`);

  // --- signalling

  test.register = (name) => new Promise((resolve) => {
    test.signaling = new Signaling(serverUrl(location.href), {name}, {
      onState: (state) => {
        log(`server ${state}`);
        if (state === 'registered') {
          test.clientId = test.signaling.clientId;
          resolve(test.clientId);
        }
      },
      onMessage: (message) => {
        if (test.held) {
          test.held.push(message);
        } else {
          take(message);
        }
      },
    });
    test.signaling.start();
  });

  test.find = (name) => test.signaling.send('find_peer', {target_name: name});
  test.hold = () => { test.held = []; };
  test.release = () => {
    const messages = test.held;
    test.held = null;
    messages.forEach(take);
  };

  let inbox = Promise.resolve();
  function take(message) {
    log(`got ${message.type}`);
    if (message.type === 'peer_found') {
      test.found[message.peer_info.peer_name] = message.peer_info.client_id;
    } else if (message.type === 'error') {
      test.errors.push(message);
    } else if (['offer', 'answer', 'ice_candidate'].includes(message.type)) {
      inbox = inbox.then(() => negotiate(message)).catch((error) => {
        log(`cannot take ${message.type}: ${error.message}`);
        test.errors.push(String(error.message));
      });
    }
  }

  // --- perfect negotiation (W3C WebRTC section 10.7)

  let makingOffer = false;
  let ignoreOffer = false;
  test.ignored = 0;
  test.collisions = 0;

  async function negotiate({type, from_id: from, sdp, candidate}) {
    if (!test.pc && type === 'offer') {
      test.open(from);
    }
    const {pc} = test;
    if (from !== test.peerId || !pc || pc.signalingState === 'closed') {
      return;
    }
    if (type === 'ice_candidate') {
      test.remoteCandidates.push(candidate.candidate);
      await pc.addIceCandidate(candidate).catch((error) => {
        if (!ignoreOffer) {
          throw error;
        }
      });
      return;
    }
    const collision = type === 'offer' && (makingOffer || pc.signalingState !== 'stable');
    const polite = test.clientId < test.peerId;
    ignoreOffer = collision && !polite;
    test.collisions += collision ? 1 : 0;
    test.ignored += ignoreOffer ? 1 : 0;
    if (ignoreOffer) {
      return;
    }
    if (collision) {
      await mayTakeBack(pc);
    }
    test.heard = sdp.sdp ?? sdp;
    await pc.setRemoteDescription({type, sdp: test.heard});
    if (type === 'offer') {
      await pc.setLocalDescription();
      test.signaling.send('answer', {target_id: test.peerId, sdp: pc.localDescription});
      log('answer sent');
    }
  }

  test.open = (peerId, configuration) => {
    const pc = new RTCPeerConnection(configuration);
    watchCandidates(pc);
    Object.assign(test, {pc, peerId, remoteCandidates: []});
    pc.onnegotiationneeded = async () => {
      makingOffer = true;
      await pc.setLocalDescription();
      test.signaling.send('offer', {target_id: peerId, sdp: pc.localDescription});
      log('offer sent');
      makingOffer = false;
    };
    pc.onicecandidate = ({candidate}) => {
      log(`own candidate ${candidate ? `${candidate.type} ${candidate.usernameFragment}` : 'end'}`);
      test.signaling.send('ice_candidate', {target_id: peerId, candidate: candidate ?? {candidate: '', sdpMid: '0', sdpMLineIndex: 0}});
    };
    pc.onicegatheringstatechange = () => log(`gathering ${pc.iceGatheringState}`);
    pc.onsignalingstatechange = () => log(`signaling ${pc.signalingState}`);
    pc.oniceconnectionstatechange = () => log(`ice ${pc.iceConnectionState}`);
    pc.onconnectionstatechange = () => log(`connection ${pc.connectionState}`);
    pc.ondatachannel = ({channel}) => watch(channel);
  };

  // --- channels, numbered in the order in which they came

  function watch(channel) {
    const entry = {channel, received: [], closed: 0, opened: channel.readyState === 'open' ? 1 : 0, errors: []};
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => { entry.opened = 1; };
    channel.onclose = () => { entry.closed++; };
    channel.onerror = ({error}) => entry.errors.push(error?.message ?? 'unknown');
    channel.onmessage = ({data}) => {
      entry.received.push(data);
      entry.onMessage?.(data);
    };
    log(`channel ${test.channels.length}: ${channel.label}`);
    return test.channels.push(entry) - 1;
  }

  test.create = (label, init) => watch(test.pc.createDataChannel(label, init));

  test.describe = (number) => {
    const {channel} = test.channels[number];
    return {id: channel.id, label: channel.label, protocol: channel.protocol, ordered: channel.ordered,
      maxRetransmits: channel.maxRetransmits, maxPacketLifeTime: channel.maxPacketLifeTime, state: channel.readyState};
  };

  // --- messages: text as it is, or a pattern that the native side makes as well

  test.pattern = (size) => Uint8Array.from({length: size}, (unused, i) => i * 31 + (i >> 8));
  test.send = (number, {text, pattern}) => {
    test.channels[number].channel.send(text ?? test.pattern(pattern));
  };

  /** Whether the message that came as the n-th is exactly this one; null if it has not come. */
  test.isMessage = (number, n, {text, pattern}) => {
    const data = test.channels[number].received[n];
    if (data === undefined) {
      return null;
    }
    if (text !== undefined) {
      return data === text;
    }
    const bytes = new Uint8Array(data);
    const expected = test.pattern(pattern);
    return typeof data !== 'string' && bytes.length === expected.length && bytes.every((byte, i) => byte === expected[i]);
  };

  // Sends numbered messages over an echoing channel, eight in flight, and checks their order.
  test.stream = (number) => {
    const entry = test.channels[number];
    const stream = {sent: 0, echoed: 0, wrong: [], running: true};
    const next = () => entry.channel.send(`number ${stream.sent++}`);
    entry.onMessage = (data) => {
      if (data !== `number ${stream.echoed++}`) {
        stream.wrong.push(data);
      }
      if (stream.running && entry.channel.readyState === 'open') {
        next();
      }
    };
    test.flow = stream;
    for (let i = 0; i < 8; i++) {
      next();
    }
  };

  /** For a failure's account: the states, and how many candidates and pairs there are of which kind. */
  test.states = async () => {
    const {pc} = test;
    if (!pc) {
      return null;
    }
    const counts = {};
    (await pc.getStats()).forEach(({type, state, candidateType}) => {
      const key = [type, state ?? candidateType].filter(Boolean).join(' ');
      counts[key] = (counts[key] ?? 0) + 1;
    });
    return {signaling: pc.signalingState, gathering: pc.iceGatheringState, ice: pc.iceConnectionState,
      transport: pc.sctp?.transport?.iceTransport?.state, dtls: pc.sctp?.transport?.state, generation: test.generation(),
      remote: test.remoteCandidates, counts};
  };

  const line = (sdp, name) => sdp?.match(new RegExp(`^a=${name}:(.*)$`, 'm'))?.[1].trim() ?? null;
  test.generation = () => `${line(test.pc.localDescription?.sdp, 'ice-ufrag')} ${line(test.pc.remoteDescription?.sdp, 'ice-ufrag')}`;
  // as it came: Firefox keeps only what it knows
  test.sctpInit = () => ({local: line(test.pc.localDescription?.sdp, 'sctp-init'), remote: line(test.heard, 'sctp-init')});
}
