// The configurations that ship with the project, started on free ports and with upstreams of the test's own.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Broker, type BrokerConfig, startBroker } from '../support/broker.ts';

type Context = Parameters<typeof startBroker>[0];

const CONFIG = new URL('../../config/', import.meta.url);

/** Text of a file in `config/`. */
export function shipped(name: string): string {
  return readFileSync(new URL(name, CONFIG), 'utf8');
}

/** config/quickstart.yaml: plain HTTP, its people in a file. */
export function startQuickstart(t: Context): Promise<Broker> {
  const files = { 'quickstart.users.yaml': shipped('quickstart.users.yaml') };
  return startBroker(t, { tls: 'none', files, config: parse(shipped('quickstart.yaml')) });
}

/** An example as it ships; `edit` puts the addresses of the test's upstreams into it. */
export function startExample(
  t: Context,
  name: string,
  {
    tls,
    edit = (config) => config,
  }: { tls: 'server' | 'mutual' | 'none'; edit?: (config: BrokerConfig) => BrokerConfig },
): Promise<Broker> {
  const files = { 'demo.users.yaml': shipped('examples/demo.users.yaml') };
  return startBroker(t, { tls, files, config: edit(parse(shipped(`examples/${name}`))) });
}
