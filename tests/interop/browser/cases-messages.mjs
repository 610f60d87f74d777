// Channels and what goes over them, with either side as the offerer.

import {check} from './check.mjs';
import {addChannel, connect, echo, uniqueName} from './peers.mjs';

const TEXT = 'plain, \u00fcml\u00e4ut, \u4f60\u597d, \ud83d\ude80 and \t\r\n in between';
const LARGE = 256 * 1024;
const MANY = 10;

async function text(lab, role) {
  const pair = await connect(lab, role);
  await echo(pair, {text: 'hello'});
  await echo(pair, {text: TEXT});
  pair.native.tell('text', pair.channel.native, 'from the native side');
  const same = await pair.page.until('the native text', (number) => test.isMessage(number, 2, {text: 'from the native side'}), pair.channel.browser);
  check(same, 'the native side\u2019s own text arrives');
}

async function binary(lab, role) {
  const pair = await connect(lab, role);
  for (const size of [1, 2, 3, 4, 1199, 1200, 65536]) {
    await echo(pair, {pattern: size});
  }
}

async function empty(lab, role) {
  const pair = await connect(lab, role);
  await echo(pair, {text: ''});
  await echo(pair, {pattern: 0});
  await echo(pair, {text: 'after the empty ones'});
}

async function large(lab, role) {
  const pair = await connect(lab, role);
  await echo(pair, {pattern: LARGE});
  await echo(pair, {text: 'x'.repeat(LARGE)});
}

async function unordered(lab, role) {
  const init = {ordered: false, maxRetransmits: 2, protocol: 'lossy'};
  const pair = await connect(lab, role, {label: 'echo unordered', init});
  const seen = pair.native.events.find((event) => event.event === 'channel');
  check(seen.ordered === 0 && seen.max_retransmits === 2 && seen.protocol === 'lossy',
    `the native side has the options, it has ${JSON.stringify(seen)}`);
  const own = await pair.page.evaluate((number) => test.describe(number), pair.channel.browser);
  check(!own.ordered && own.maxRetransmits === 2 && own.maxPacketLifeTime === null && own.protocol === 'lossy',
    `the browser has the options, it has ${JSON.stringify(own)}`);
  check(own.id === seen.id || seen.id < 0, 'both sides use the same id');
  for (let i = 0; i < 5; i++) {
    await echo(pair, {text: `unordered ${i}`});
  }
}

async function lifetime(lab, role) {
  const pair = await connect(lab, role, {label: 'echo timed', init: {maxPacketLifeTime: 1500}});
  const own = await pair.page.evaluate((number) => test.describe(number), pair.channel.browser);
  check(own.ordered && own.maxPacketLifeTime === 1500 && own.maxRetransmits === null, `the browser has the lifetime, it has ${JSON.stringify(own)}`);
  await echo(pair, {text: 'in time'});
}

async function tenChannels(lab, role) {
  const pair = await connect(lab, role, {label: 'echo 0'});
  const channels = [pair.channel];
  for (let i = 1; i < MANY; i++) {
    channels.push(await addChannel(pair, role, {label: `echo ${i}`, init: {ordered: i % 2 === 0}}));
  }
  const ids = await pair.page.evaluate(() => test.channels.map(({channel}) => channel.id));
  check(new Set(ids).size === MANY, `ten channels have ten ids, they have ${ids}`);
  await Promise.all(channels.map(async (channel, i) => {
    await echoOn(pair, channel, `over channel ${i}`);
  }));
}

// Like echo(), for many at once: it looks at its own channel only.
async function echoOn({page}, channel, message) {
  await page.evaluate(([number, what]) => test.send(number, {text: what}), [channel.browser, message]);
  await page.until('the echo', ([number, what]) => test.isMessage(number, 0, {text: what}), [channel.browser, message]);
}

async function bothOpenChannels(lab, role) {
  const pair = await connect(lab, role);
  const other = role === 'native offers' ? 'browser offers' : 'native offers';
  const channel = await addChannel(pair, other, {label: `echo ${uniqueName('back')}`});
  const ids = await pair.page.evaluate(() => test.channels.map(({channel: each}) => each.id));
  check(ids[0] % 2 !== ids[1] % 2, `each side's ids have their own parity, they are ${ids}`);
  await echo({...pair, channel}, {text: 'the other way'});
  await echo(pair, {text: 'and still this way'});
}

export const MESSAGE_CASES = [
  {name: 'text', run: text},
  {name: 'binary', run: binary},
  {name: 'empty text and empty binary', run: empty},
  {name: '256 KiB', run: large},
  {name: 'unordered with two retransmissions', run: unordered},
  {name: 'limited lifetime', run: lifetime},
  {name: 'ten channels', run: tenChannels},
  {name: 'channels from both sides', run: bothOpenChannels},
];
