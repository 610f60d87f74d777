// What the cases share: a browser's peer and a native one that know each other, and a channel that is
// open on both sides.

import {install} from './page-side.mjs';
import {check} from './check.mjs';

export const ROLES = ['browser offers', 'native offers'];

let serial = 0;
export const uniqueName = (word) => `${word}-${++serial}`;

/** Both at the server, and each knows the other's id; nothing is offered yet. */
export async function meet(lab) {
  const native = lab.startPeer(uniqueName('native'));
  const page = await lab.openBare();
  await page.evaluate(install);
  const name = uniqueName('browser');
  const browserId = await page.evaluate((own) => test.register(own), name);
  const {client_id: nativeId} = await native.wait({event: 'registered'});
  return {native, page, name, nativeId, browserId};
}

/** The offerer finds the other by its name and makes the connection object. */
export async function begin(pair, role, nativeName = pair.native.peerName) {
  const {native, page, name, browserId} = pair;
  if (role === 'native offers') {
    native.tell('find', name);
    const found = await native.wait({event: 'found', name});
    check(found.peer === browserId, 'the server names the id that the browser was given');
    native.tell('connect', browserId);
    await native.wait({event: 'peer', peer: browserId});
  } else {
    await page.evaluate((other) => test.find(other), nativeName);
    const id = await page.until('the native peer to be found', (other) => test.found[other], nativeName);
    await page.evaluate((peer) => test.open(peer), id);
  }
}

/**
 * A channel made by the offerer: {native, browser} are its numbers on each side.  options:
 * {label, init} with init as createDataChannel takes it.
 */
export async function addChannel(pair, role, {label = 'echo', init = {}} = {}) {
  const {native, page, browserId} = pair;
  if (role === 'native offers') {
    const from = native.events.length;
    const before = await page.evaluate(() => test.channels.length);
    native.tell('create', browserId, label, ...nativeOptions(init));
    const {channel} = await native.wait({event: 'channel', origin: 'local', label}, {from});
    await page.until('the channel in the browser', (count) => test.channels.length > count, before);
    await openOnBoth(pair, channel, before);
    return {native: channel, browser: before};
  }
  const from = native.events.length;
  const browser = await page.evaluate(([text, options]) => test.create(text, options), [label, init]);
  const {channel} = await native.wait({event: 'channel', origin: 'remote', label}, {from});
  await openOnBoth(pair, channel, browser);
  return {native: channel, browser};
}

function nativeOptions({ordered = true, maxRetransmits, maxPacketLifeTime, protocol}) {
  return [
    ...(ordered ? [] : ['unordered']),
    ...(maxRetransmits === undefined ? [] : [`retransmits=${maxRetransmits}`]),
    ...(maxPacketLifeTime === undefined ? [] : [`lifetime=${maxPacketLifeTime}`]),
    ...(protocol === undefined ? [] : [`protocol=${protocol}`]),
  ];
}

async function openOnBoth({native, page}, nativeChannel, browserChannel) {
  await page.until('the channel to open in the browser', (n) => test.channels[n]?.opened === 1, browserChannel);
  await native.wait({event: 'open', channel: nativeChannel});
}

export async function connect(lab, role, options) {
  const pair = await meet(lab);
  await begin(pair, role);
  return {...pair, channel: await addChannel(pair, role, options)};
}

/** Sends from the browser on an echoing channel, and checks what the native peer saw and sent back. */
export async function echo({native, page, channel}, message) {
  const n = await page.evaluate((number) => test.channels[number].received.length, channel.browser);
  const from = native.events.length;
  await page.evaluate(([number, what]) => test.send(number, what), [channel.browser, message]);
  const kind = message.text === undefined ? 'binary' : 'text';
  const size = message.pattern ?? Buffer.byteLength(message.text);
  const seen = await native.wait({event: 'message', channel: channel.native}, {from});
  check(seen.kind === kind && seen.size === size, `the native peer gets ${kind} of ${size} bytes, it got ${seen.kind} of ${seen.size}`);
  const same = await page.until('the echo', ([number, index, what]) => {
    const answer = test.isMessage(number, index, what);
    return answer === null ? null : {answer};
  }, [channel.browser, n, message]);
  check(same.answer, `the echo of ${kind}, ${size} bytes, is what was sent`);
}
