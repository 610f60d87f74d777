// The ends of channels and connections, ICE restarts, and offers that cross.

import {check} from './check.mjs';
import {addChannel, begin, connect, echo, meet} from './peers.mjs';

const GLARE_ATTEMPTS = 24; // until the server's ids come in the order wanted: 1 of 16 million fails

async function channelClosed(lab, role, closer) {
  const pair = await connect(lab, role);
  await echo(pair, {text: 'before'});
  const before = await pair.page.evaluate((number) => test.describe(number).id, pair.channel.browser);
  if (closer === 'native') {
    pair.native.tell('close-channel', pair.channel.native);
  } else {
    await pair.page.evaluate((number) => test.channels[number].channel.close(), pair.channel.browser);
  }
  await pair.native.wait({event: 'close', channel: pair.channel.native});
  await pair.page.until('the close event in the browser', (number) => test.channels[number].closed, pair.channel.browser);
  const channel = await addChannel(pair, role, {label: 'echo again'});
  const after = await pair.page.evaluate((number) => test.describe(number).id, channel.browser);
  check(after === before, `the id ${before} is used again, it is ${after}`);
  await echo({...pair, channel}, {text: 'after'});
  const closed = await pair.page.evaluate((number) => test.channels[number].closed, pair.channel.browser);
  check(closed === 1, 'the close event came once');
}

async function connectionClosedByBrowser(lab, role) {
  const pair = await connect(lab, role);
  await echo(pair, {text: 'before'});
  await pair.page.evaluate(() => test.pc.close());
  await pair.native.wait({event: 'close', channel: pair.channel.native});
  await pair.native.wait({event: 'peer-gone', peer: pair.browserId});
}

async function connectionClosedByNative(lab, role) {
  const pair = await connect(lab, role);
  await echo(pair, {text: 'before'});
  pair.native.tell('close-peer', pair.browserId);
  await pair.page.until('the close event in the browser', (number) => test.channels[number].closed, pair.channel.browser);
  await pair.page.until('the DTLS transport to close', () => ['closed', 'failed'].includes(test.pc.sctp.transport.state));
}

async function restarted(lab, role, restarter) {
  const pair = await connect(lab, role);
  const {page, native, channel} = pair;
  await page.evaluate((number) => test.stream(number), channel.browser);
  await page.until('data to flow', () => test.flow.echoed > 50);
  await restartIce(pair, restarter);
  const echoed = await page.evaluate(() => test.flow.echoed);
  await page.until('data to flow on', (count) => test.flow.echoed > count + 200, echoed);
  const flow = await page.evaluate(() => {
    test.flow.running = false;
    return test.flow;
  });
  check(flow.wrong.length === 0, `all messages come once and in order, ${flow.wrong.length} did not, first ${flow.wrong[0]}`);
  await page.until('the last echo', () => test.flow.echoed === test.flow.sent);
  const closed = await page.evaluate((number) => test.channels[number].closed, channel.browser);
  check(closed === 0 && native.count({event: 'close'}) === 0, 'the channel stayed open');
}

async function restartIce({page, native, browserId}, restarter) {
  const before = await page.evaluate(() => test.generation());
  if (restarter === 'native') {
    native.tell('restart-ice', browserId);
  } else {
    await page.evaluate(() => test.pc.restartIce());
  }
  await page.until('a new ICE generation on both sides', (old) => {
    const [oldLocal, oldRemote] = old.split(' ');
    const [local, remote] = test.generation().split(' ');
    return local !== oldLocal && remote !== oldRemote && test.pc.signalingState === 'stable';
  }, before);
  await page.until('ICE to be up again', () => ['connected', 'completed'].includes(test.pc.iceConnectionState));
}

// Both offers are made before either side has seen the other's: the browser holds back what comes in
// until its own offer is out, and the native peer's has been sent by then.
async function crossedOffers(lab, politeSide) {
  const pair = await meetInOrder(lab, politeSide);
  const {native, page, browserId, nativeId} = pair;
  await page.evaluate(() => test.hold());
  native.tell('connect', browserId);
  native.tell('create', browserId, 'echo native');
  await page.until('the native offer', () => test.held.some(({type}) => type === 'offer'));
  await page.evaluate((peer) => {
    test.open(peer);
    test.create('echo browser');
  }, nativeId);
  await page.until('the browser\u2019s offer', () => test.log.some((line) => line.endsWith('offer sent')));
  await page.evaluate(() => test.release());
  const own = await native.wait({event: 'channel', origin: 'remote', label: 'echo browser'});
  await page.until('the native channel', () => test.channels.some(({channel}) => channel.label === 'echo native'));
  const theirs = native.events.find((event) => event.event === 'channel' && event.origin === 'local');
  const collisions = await page.evaluate(() => test.collisions);
  check(collisions === 1, `the offers collided once, they did ${collisions} times`);
  const ignored = await page.evaluate(() => test.ignored);
  check(ignored === (politeSide === 'browser' ? 0 : 1), 'only the impolite side ignores an offer');
  for (const [label, number] of [['echo browser', own.channel], ['echo native', theirs.channel]]) {
    const browser = await page.evaluate((text) => test.channels.findIndex(({channel}) => channel.label === text), label);
    await page.until(`${label} to open`, (n) => test.channels[n].opened, browser);
    await echo({...pair, channel: {native: number, browser}}, {text: `over ${label}`});
  }
}

// The server picks the ids, and the lower one is polite: ask anew until it fits.
async function meetInOrder(lab, politeSide) {
  for (let i = 0; i < GLARE_ATTEMPTS; i++) {
    const pair = await meet(lab);
    if ((pair.browserId < pair.nativeId) === (politeSide === 'browser')) {
      return pair;
    }
    await lab.reset();
  }
  throw new Error('the server\u2019s ids never came in the order wanted');
}

async function dataRightAfterOpen(lab, role) {
  const pair = await meet(lab);
  await begin(pair, role);
  const {native, page, browserId} = pair;
  if (role === 'native offers') {
    native.tell('create', browserId, 'early');
    const {channel} = await native.wait({event: 'channel', origin: 'local'});
    await native.wait({event: 'open', channel});
    native.tell('text', channel, 'at once');
    await page.until('the text', () => test.channels.length === 1 && test.isMessage(0, 0, {text: 'at once'}));
    return;
  }
  await page.evaluate(() => {
    const number = test.create('echo early');
    test.channels[number].channel.onopen = () => {
      test.channels[number].opened = 1;
      test.send(number, {text: 'at once'});
    };
  });
  await page.until('the echo', () => test.isMessage(0, 0, {text: 'at once'}));
}

// Audio or video is offered in front, and with max-bundle only that has a transport, which the data channels use;
// the native peer takes the data channels alone.
async function besideMedia(lab, kind, bundlePolicy) {
  const meeting = await meet(lab);
  const {page, native, nativeId} = meeting;
  await page.evaluate(([peer, configuration, media]) => {
    test.open(peer, configuration);
    test.pc.addTransceiver(media);
    test.create('echo');
  }, [nativeId, {bundlePolicy}, kind]);
  const own = await native.wait({event: 'channel', origin: 'remote', label: 'echo'});
  await page.until('the channel to open', () => test.channels[0].opened);
  const pair = {...meeting, channel: {native: own.channel, browser: 0}};
  await echo(pair, {text: `without ${kind}`});
  for (const restarter of ['native', 'browser']) {
    await restartIce(pair, restarter);
    await echo(pair, {text: `after a restart by the ${restarter} side`});
  }
  const direction = await page.evaluate(() => test.pc.getTransceivers()[0].currentDirection);
  check(direction === 'inactive' || direction === 'stopped', `no ${kind} flows, it is ${direction}`);
}

async function candidates(lab, role) {
  const pair = await connect(lab, role);
  await pair.page.until('the end of the native peer\u2019s candidates', () => test.remoteCandidates.includes(''));
  const from = pair.native.events.length;
  pair.native.tell('stats', pair.browserId);
  const stats = await pair.native.wait({event: 'stats'}, {from});
  check(['host', 'prflx'].includes(stats.local_type) && ['host', 'prflx'].includes(stats.remote_type), `the path is direct, it is ${stats.local_type} to ${stats.remote_type}`);
  check(stats.open_ms > 0, `the set-up time is known, it is ${stats.open_ms}`);
  const secrets = await pair.page.evaluate(() => [test.pc.localDescription.sdp.match(/^a=ice-pwd:(.*)$/m)[1].trim()]);
  check(secrets.every((secret) => !stats.report.includes(secret)), 'the report holds no ICE password');
}

// What the offer says of SCTP's INIT is answered in kind; in the later offer of a restart it is the same.
async function snap(lab, role) {
  const pair = await connect(lab, role);
  const {page, native, browserId, channel} = pair;
  const agreed = () => page.evaluate(() => test.sctpInit());
  const {local, remote} = await agreed();
  const nativeSays = lab.hasSnap || role === 'native offers';
  check((local !== null) === lab.hasSnap, `the browser says ${lab.hasSnap ? 'its' : 'no'} sctp-init, it says ${local}`);
  check((remote !== null) === nativeSays, `the native peer says ${nativeSays ? 'its' : 'no'} sctp-init, it says ${remote}`);
  await echo(pair, {text: 'before'});
  const before = await page.evaluate(() => test.generation());
  native.tell('restart-ice', browserId);
  await page.until('another ICE generation', (old) => test.generation() !== old && test.pc.signalingState === 'stable', before);
  const again = await agreed();
  const expected = lab.hasSnap ? {local, remote} : {local: null, remote: null};
  check(again.local === expected.local && again.remote === expected.remote, `the restart says ${JSON.stringify(expected)}, it says ${JSON.stringify(again)}`);
  await echo({...pair, channel}, {text: 'after'});
}

export const CONNECTION_CASES = [
  {name: 'data right after open', run: dataRightAfterOpen},
  {name: 'candidates end and the path is known', run: candidates},
  {name: 'SNAP is agreed where both have it', run: snap},
  ...[['audio', 'balanced'], ['audio', 'max-compat'], ['audio', 'max-bundle'], ['video', 'max-bundle']].map(([kind, policy]) => (
    {name: `${kind} is offered too, ${policy}`, role: null, run: (lab) => besideMedia(lab, kind, policy)})),
  {name: 'channel closed by the browser', run: (lab, role) => channelClosed(lab, role, 'browser')},
  {name: 'channel closed by the native peer', run: (lab, role) => channelClosed(lab, role, 'native')},
  {name: 'connection closed by the browser', run: connectionClosedByBrowser},
  {name: 'connection closed by the native peer', run: connectionClosedByNative},
  {name: 'ICE restart by the browser', run: (lab, role) => restarted(lab, role, 'browser')},
  {name: 'ICE restart by the native peer', run: (lab, role) => restarted(lab, role, 'native')},
  {name: 'offers cross, the browser is polite', role: null, run: (lab) => crossedOffers(lab, 'browser')},
  {name: 'offers cross, the native peer is polite', role: null, run: (lab) => crossedOffers(lab, 'native')},
];
