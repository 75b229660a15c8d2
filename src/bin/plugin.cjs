// Starts what kubectl runs with every command, with the code that Node compiled the last time.
'use strict';

const fs = require('fs');
const os = require('os');
const path = require('path');
const { BROKER_NODE, PLUGIN_NODE, isNewEnough } = require('./node-version.cjs');

const PLUGIN_COMMANDS = ['login', 'logout', 'status'];

/** As in kube-auth-broker.cjs, the source before what was built. */
function startPlugin(program) {
  const isCheckout = fs.existsSync(path.join(__dirname, '../login/main.ts'));
  if (!isNewEnough(program, isCheckout ? BROKER_NODE : PLUGIN_NODE)) return;
  enableCompileCache();
  if (isCheckout) void import('../login/main.ts');
  else void require('../../dist/kubectl-broker.cjs');
}

/** In the folder of the tokens: Node runs what it finds in a cache, so nobody else may write there. */
function enableCompileCache() {
  const kubectls = process.env.KUBECACHEDIR || path.join(os.homedir(), '.kube', 'cache');
  const folder = path.join(kubectls, 'kube-auth-broker');
  if (isPrivate(folder)) require('module').enableCompileCache(path.join(folder, 'compiled'));
}

function isPrivate(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = fs.lstatSync(folder);
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0);
  } catch {
    return false;
  }
}

module.exports = { PLUGIN_COMMANDS, startPlugin };
