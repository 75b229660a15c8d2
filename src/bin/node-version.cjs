// Looks at the version of Node before anything else is loaded. Written in the JavaScript of 2019, for Node 12 reads this too.
'use strict';

const { engines } = require('../../package.json');

/** Of the broker: node:crypto has had argon2 since then. */
const BROKER_NODE = engines.node.replace('>=', '');

/** Of the kubectl plugin: node:tls has told the authorities of the operating system since then. */
const PLUGIN_NODE = '22.15.0';

/** False, one sentence on stderr and exit code 2 when this Node is older than `oldest`. */
function isNewEnough(program, oldest) {
  const current = process.versions.node;
  if (compare(numbersOf(current), numbersOf(oldest)) >= 0) return true;
  process.stderr.write(`${program}: needs Node.js ${oldest} or later, and this is ${current}\n`);
  process.exitCode = 2;
  return false;
}

function numbersOf(version) {
  return version.split('.').map((part) => parseInt(part, 10));
}

function compare(a, b) {
  const index = a.findIndex((number, place) => number !== b[place]);
  return index === -1 ? 0 : a[index] - b[index];
}

module.exports = { BROKER_NODE, PLUGIN_NODE, isNewEnough };

if (require.main === module) isNewEnough('kube-auth-broker', BROKER_NODE);
