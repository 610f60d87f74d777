// The page that pierced serves, used as a person would, with the native commands as the other side.

import {check} from './check.mjs';
import {uniqueName} from './peers.mjs';

const CROSSINGS = 5; // each of which would go wrong in Chromium half of the time

const connectedTo = (name) => [...document.querySelectorAll('[data-peer-id][data-state=connected]')]
  .some((card) => card.querySelector('.peer-name').textContent === name);
const logHas = ([kind, text]) => [...document.querySelectorAll(`#log [data-kind=${kind}]`)]
  .some((line) => line.textContent.includes(text));

async function say(page, text) {
  await page.type('#message', text);
  await page.press('Enter');
}

async function chatBothWays(page, native) {
  await say(page, 'hello <b>native</b>');
  await native.wait({event: 'message', text: 'hello <b>native</b>'});
  native.say('hello <i>page</i>');
  await page.until('the native peer\u2019s line', logHas, ['in', 'hello <i>page</i>']);
  const markup = await page.evaluate(() => document.querySelectorAll('#log b, #log i').length);
  check(markup === 0, 'what a peer says is shown as text');
}

function isWithoutComplaint(page) {
  check(page.complaints.length === 0, `the page works without an error, it says ${page.complaints.join('; ')}`);
}

async function pageComesLast(lab) {
  const room = uniqueName('room');
  const native = lab.startCommand('chat', ['--room', room]);
  await native.wait({event: 'registered'});
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  await chatBothWays(page, native);
  isWithoutComplaint(page);
}

async function pageComesFirst(lab) {
  const room = uniqueName('room');
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the page to be at the server', () => document.querySelector('#server').dataset.state === 'registered');
  const native = lab.startCommand('chat', ['--room', room]);
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  await chatBothWays(page, native);
  isWithoutComplaint(page);
}

async function calledByName(lab) {
  const name = uniqueName('person');
  const page = await lab.openPage({room: uniqueName('room'), name});
  await page.until('the page to be at the server', () => document.querySelector('#server').dataset.state === 'registered');
  const native = lab.startCommand('chat', ['--to', name]);
  await page.until('the native peer to be connected', () => document.querySelector('[data-peer-id][data-state=connected]') !== null);
  await chatBothWays(page, native);
  isWithoutComplaint(page);
}

async function pathPanel(lab) {
  const room = uniqueName('room');
  const native = lab.startCommand('chat', ['--room', room]);
  await native.wait({event: 'registered'});
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  const shown = await page.until('the path', () => {
    const part = (name) => document.querySelector(`[data-peer-id] ${name}`).textContent;
    return /\d/.test(part('.fact-rtt')) && part('.setup-total') !== ''
      && {path: part('.fact-path'), protocol: part('.fact-protocol'), local: part('.fact-local'),
        phases: [...document.querySelectorAll('.timeline .took')].map((cell) => cell.textContent)};
  });
  check(shown.path === 'Direct' && shown.protocol === 'UDP', `the path is direct over UDP, it is ${JSON.stringify(shown)}`);
  check(shown.phases.length === 5 && shown.phases.every((text) => /\d/.test(text)), `all five phases have their time, they are ${shown.phases}`);
}

async function report(lab) {
  const room = uniqueName('room');
  const native = lab.startCommand('chat', ['--room', room]);
  await native.wait({event: 'registered'});
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  await say(page, 'a private word');
  await native.wait({event: 'message', text: 'a private word'});
  // As where the page may not copy: the dialog shows the text.
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed')); });
  await page.click('#copy-report');
  const text = await page.until('the report', () => document.querySelector('#report').open && document.querySelector('#report-text').value);
  for (const part of [native.peerName, 'connected', 'host udp', 'Signalling', 'channel chat open']) {
    check(text.includes(part), `the report says "${part}"`);
  }
  for (const part of ['10.77.0.1', 'fd77::1', '.local', 'a private word', 'ice-pwd', 'fingerprint']) {
    check(!text.includes(part), `the report does not say "${part}"`);
  }
}

async function ping(lab) {
  const name = uniqueName('person');
  const page = await lab.openPage({room: uniqueName('room'), name});
  await page.until('the page to be at the server', () => document.querySelector('#server').dataset.state === 'registered');
  const native = lab.startCommand('ping', ['--to', name, '-c', '3']);
  const {code} = await native.finish();
  check(code === 0, `pierce ping ends with 0, it ended with ${code}`);
}

async function serverDies(lab) {
  const room = uniqueName('room');
  const native = lab.startCommand('chat', ['--room', room]);
  await native.wait({event: 'registered'});
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  await lab.killServer();
  await page.until('the page to notice', () => document.querySelector('#server').dataset.state === 'waiting');
  await chatBothWays(page, native);
  const from = native.events.length;
  await lab.startServer();
  await page.until('the page to be back at the server', () => document.querySelector('#server').dataset.state === 'registered');
  await native.wait({event: 'registered'}, {from});
  await say(page, 'still the same connection');
  await native.wait({event: 'message', text: 'still the same connection'});
  const cards = await page.evaluate(() => document.querySelectorAll('[data-peer-id]').length);
  check(cards === 1, `the peer is shown once, it is shown ${cards} times`);
}

async function nativeLeaves(lab) {
  const room = uniqueName('room');
  const native = lab.startCommand('chat', ['--room', room]);
  await native.wait({event: 'registered'});
  const page = await lab.openPage({room, name: uniqueName('person')});
  await page.until('the native peer to be connected', connectedTo, native.peerName);
  await native.stop();
  await page.until('its card to go', () => document.querySelectorAll('[data-peer-id]').length === 0);
  await page.until('a line about it', logHas, ['note', `${native.peerName} left`]);
}

// Two of the page's peers with no server between them: each offer is there as soon as it is made.
async function offersCross(lab) {
  const page = await lab.openBare();
  for (let i = 0; i < CROSSINGS; i++) {
    await page.evaluate(async () => {
      const {Peer} = await import('/peer.js');
      const ends = {heard: []};
      const make = (id, other) => new Peer(other, other, {localId: () => id, iceServers: () => [],
        send: (type, fields) => queueMicrotask(() => ends[other].receive(type, fields)),
        onChat: (peer, text) => ends.heard.push(text), onChange() {}, onNote() {}});
      window.ends = Object.assign(ends, {polite: make('polite', 'rude'), rude: make('rude', 'polite')});
      ends.polite.connect();
      ends.rude.connect();
    });
    await page.until('both ends to be connected', () => ends.polite.state === 'connected' && ends.rude.state === 'connected');
    await page.until('both channels of both ends', () => [ends.polite, ends.rude].every(({facts}) => facts.channels.join() === 'chat open,chat open'));
    await page.evaluate(() => ends.polite.sendChat('to the rude') && ends.rude.sendChat('to the polite'));
    await page.until('what both say', () => ends.heard.toSorted().join() === 'to the polite,to the rude');
    const crossed = await page.evaluate(() => {
      ends.polite.close();
      ends.rude.close();
      return ends.rude.events.filter(({text}) => text.startsWith('offer received, ignored')).length;
    });
    check(crossed === 1, `the offers crossed once, they did ${crossed} times`);
  }
  isWithoutComplaint(page);
}

export const PAGE_CASES = [
  {name: 'page joins a native peer\u2019s room', run: pageComesLast},
  {name: 'native peer joins the page\u2019s room', run: pageComesFirst},
  {name: 'native peer calls the page by name', run: calledByName},
  {name: 'path panel and timeline', run: pathPanel},
  {name: 'report without secrets', run: report},
  {name: 'pierce ping to the page', run: ping},
  {name: 'chat survives the death of the server', run: serverDies},
  {name: 'native peer leaves', run: nativeLeaves},
  {name: 'offers of two pages cross', run: offersCross},
].map((each) => ({...each, role: null}));
