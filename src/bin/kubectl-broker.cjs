#!/usr/bin/env node
// Starts the kubectl plugin: `kubectl broker login`.
'use strict';

require('./plugin.cjs').startPlugin('kubectl-broker');
