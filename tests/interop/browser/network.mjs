// A network of the test's own: one address on an unconnected pair of virtual cards.  The routes lead
// into that pair and end there: browsers gather no address without a default route, and ask their
// multicast names only where a route for multicast is.

import {execFileSync, spawnSync} from 'node:child_process';

const MARK = 'PIERCE_BROWSER_TEST_NETWORK';
export const SKIPPED = 77;

const SETUP = [
  'link set lo up',
  'link add test0 type veth peer name test1',
  'address add 10.77.0.1/24 dev test0',
  'address add fd77::1/64 dev test0 nodad',
  'link set test0 up',
  'link set test1 up',
  'route add default via 10.77.0.2 dev test0',
  'route add 224.0.0.0/4 dev test0',
];

/** Runs the program again inside a new namespace and ends with its status; returns once inside. */
export function enterOwnNetwork() {
  if (process.env[MARK]) {
    for (const line of SETUP) {
      execFileSync('ip', line.split(' '));
    }
    return;
  }
  if (process.getuid() !== 0 || spawnSync('unshare', ['--net', 'true']).status !== 0) {
    console.log('skipped: making a network namespace needs root');
    process.exit(SKIPPED);
  }
  const again = spawnSync('unshare', ['--net', process.execPath, ...process.argv.slice(1)],
    {stdio: 'inherit', env: {...process.env, [MARK]: '1'}});
  process.exit(again.status ?? 1);
}
