// The portal while its configuration changes: certificates and clusters are taken over, its address is not.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { connect } from 'node:tls';
import { newKey } from '../../src/issuer/new-key.ts';
import { apiServer } from '../support/apiserver-client.ts';
import { authority, type BrokerConfig, startBroker } from '../support/broker.ts';
import { issueLoopback } from '../support/certificates.ts';

const KEPT = 'configuration not reloaded, the last good one stays in force';
const TLS = { certFile: 'tls/portal.crt', keyFile: 'tls/portal.key' };
const PORTAL = {
  address: '127.0.0.1:0',
  tls: TLS,
  signIn: { password: {} },
  kubeconfig: { template: 'template.yaml' },
};
const ISSUER = {
  name: 'https://broker.corp.example',
  audience: 'kubernetes',
  keys: [{ id: 'k', algorithm: 'EdDSA', privateKey: { file: 'k.pem' } }],
};

const withPortal = (portal?: object): BrokerConfig => ({
  issuer: ISSUER,
  ...(portal && { portal }),
  providers: [{ name: 'issued', type: 'issued' }],
});

const template = (server: string): string => `clusters: [{ name: prod, cluster: { server: "${server}" } }]\n`;

function start(t: Parameters<typeof startBroker>[0]) {
  const pair = issueLoopback(authority);
  const files = {
    'k.pem': newKey('EdDSA', randomBytes).secret,
    'template.yaml': template('https://old.example'),
    'tls/portal.crt': pair.cert,
    'tls/portal.key': pair.key,
  };
  return startBroker(t, { files, config: withPortal(PORTAL) });
}

void describe('the portal after a reload', () => {
  void test('hands out the new clusters and shows the new certificate', async (t) => {
    const broker = await start(t);
    const portal = apiServer(`https://${broker.portal}`, { ca: authority.cert });
    t.after(() => portal.close());
    const kubeconfig = async () => (await portal.send('/kubeconfig', { method: 'GET', headers: {} })).text;
    assert.match(await kubeconfig(), /old\.example/);
    const before = await presented(broker.portal);
    const renewed = issueLoopback(authority, { notAfter: new Date(Date.now() + 7_200_000) });
    broker.write('template.yaml', template('https://new.example'));
    broker.write('tls/portal.crt', renewed.cert);
    broker.write('tls/portal.key', renewed.key);
    await broker.reloaded(1);
    assert.match(await kubeconfig(), /new\.example/);
    assert.notEqual(await presented(broker.portal), before);
  });

  const restarts = [
    { name: 'another address', given: { ...PORTAL, address: '127.0.0.1:1' }, want: 'portal.address' },
    { name: 'no portal', given: undefined, want: 'the presence of portal' },
    { name: 'no TLS', given: { ...PORTAL, tls: undefined }, want: 'the presence of portal.tls' },
    {
      name: 'mutual TLS',
      given: { ...PORTAL, tls: { ...TLS, clientCAFile: 'tls/client-ca.crt' } },
      want: 'the presence of portal.tls.clientCAFile',
    },
  ];
  for (const { name, given, want } of restarts) {
    void test(`is the old one until a restart: ${name}`, async (t) => {
      const broker = await start(t);
      broker.configure(withPortal(given));
      broker.process.signal('SIGHUP');
      const [line] = broker.logged(KEPT);
      assert.deepEqual(line?.['errors'], [`${want} cannot change while the broker runs; restart it`]);
    });
  }

  void test('is the old one when a key is not what it should be', async (t) => {
    const broker = await start(t);
    broker.write('k.pem', 'no key');
    broker.process.signal('SIGHUP');
    assert.match(
      JSON.stringify(broker.logged(KEPT)[0]?.['errors']),
      /issuer\.keys\[0\]: the file holds no unencrypted PEM key/,
    );
  });
});

/** The fingerprint of the certificate that a new connection sees. */
function presented(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const port = Number(address.split(':')[1]);
    const socket = connect({ port, host: '127.0.0.1', ca: authority.cert }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
