#!/usr/bin/env node
// Starts the broker, or what belongs to kubectl without it.
'use strict';

const fs = require('fs');
const path = require('path');
const { BROKER_NODE, isNewEnough } = require('./node-version.cjs');
const { PLUGIN_COMMANDS, startPlugin } = require('./plugin.cjs');

if (PLUGIN_COMMANDS.indexOf(process.argv[2]) !== -1) startPlugin('kube-auth-broker');
else if (isNewEnough('kube-auth-broker', BROKER_NODE)) void start();

/** A checkout runs its source, so that nobody runs what was built from an older one; the package has no source. */
function start() {
  const isCheckout = fs.existsSync(path.join(__dirname, '../main.ts'));
  return isCheckout ? import('../main.ts') : import('../../dist/kube-auth-broker.mjs');
}
