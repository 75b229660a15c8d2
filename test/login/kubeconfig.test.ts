// The address of the broker from the kubeconfig: whose context it is, which files count, and what is not taken for ours.

import assert from 'node:assert/strict';
import { delimiter } from 'node:path';
import { describe, test } from 'node:test';
import { stringify } from 'yaml';
import { pluginOptions } from '../../src/login/kubeconfig.ts';

const SERVER = 'https://broker.corp.example';
const LOGIN = ['login', '--server', SERVER];

interface User {
  readonly command?: string;
  readonly args?: readonly unknown[];
}

/** A kubeconfig with one context. */
function config(user: User, current = 'dev'): string {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'kube-auth-broker', args: LOGIN, ...user };
  return stringify({
    'current-context': current,
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'me' } }],
    users: [{ name: 'me', user: { exec } }],
  });
}

function options(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const readFile = (path: string): string => files[path] ?? assert.fail('no such file');
  return pluginOptions({ env, home: '/home/me', readFile });
}

void describe('the current context of a kubeconfig', () => {
  const rows: readonly { name: string; given: User; want: object | undefined }[] = [
    { name: 'our own command', given: {}, want: { server: SERVER } },
    { name: 'with its path', given: { command: '/usr/local/bin/kube-auth-broker' }, want: { server: SERVER } },
    { name: 'the plugin on Windows', given: { command: 'C:\\bin\\kubectl-broker.exe' }, want: { server: SERVER } },
    {
      name: 'kubectl that runs it',
      given: { command: 'kubectl', args: ['broker', ...LOGIN] },
      want: { server: SERVER },
    },
    {
      name: 'Node that runs it',
      given: { command: 'node', args: ['/lib/kubectl-broker.cjs', ...LOGIN] },
      want: { server: SERVER },
    },
    {
      name: 'all its options',
      given: { args: [...LOGIN, '--username=alice', '--ca', 'ca.crt', '--lifetime', '8h', '--later', 'x'] },
      want: { server: SERVER, username: 'alice', ca: 'ca.crt', lifetime: '8h' },
    },
    { name: 'another program with a server', given: { command: 'oc' }, want: undefined },
    {
      name: 'a program with our name as an argument',
      given: { command: 'oc', args: [...LOGIN, 'kube-auth-broker'] },
      want: undefined,
    },
    { name: 'another command of ours', given: { args: ['status', '--server', SERVER] }, want: undefined },
    { name: 'no arguments', given: { args: [] }, want: undefined },
    { name: 'arguments that are no text', given: { args: [7, null, ...LOGIN] }, want: { server: SERVER } },
  ];
  for (const { name, given, want } of rows) {
    void test(`with ${name}`, () => {
      const found = options({ '/home/me/.kube/config': config(given) });
      assert.deepEqual(found && { ...found }, want);
    });
  }

  const files = [
    { name: 'that is missing', given: {}, want: undefined },
    { name: 'that is no YAML', given: { '/a': '{' }, want: undefined },
    { name: 'whose context is not there', given: { '/a': config({}, 'prod') }, want: undefined },
    {
      name: 'that is JSON',
      given: { '/a': JSON.stringify({ ...JSON.parse('{}'), 'current-context': '' }) },
      want: undefined,
    },
    { name: 'beside a missing one', given: { '/b': config({}) }, want: SERVER },
    {
      name: 'that comes first, of two with one name',
      given: { '/a': config({ args: ['login', '--server', 'https://first.example'] }), '/b': config({}) },
      want: 'https://first.example',
    },
    {
      name: 'that names the context of the next one',
      given: { '/a': 'current-context: dev\n', '/b': config({}, '') },
      want: SERVER,
    },
  ];
  for (const { name, given, want } of files) {
    void test(`in a file ${name}`, () => {
      const KUBECONFIG = ['/a', '', '/b'].join(delimiter);
      assert.equal(options(given, { KUBECONFIG })?.server, want);
    });
  }
});
