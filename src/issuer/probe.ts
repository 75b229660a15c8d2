// `check --connect` for issued tokens: the keys there are, and whether the revocations can be read.

import type { ProbeReport } from '../core/provider.ts';
import type { Revocations } from './revocations.ts';
import type { IssuerSettings } from './settings.ts';

export async function probeIssuer(
  { name, keys, revocationsFile, revocations: where }: IssuerSettings,
  revoked: Revocations | undefined,
  report: ProbeReport,
): Promise<void> {
  const [first] = keys;
  const ring = keys.map(({ id, algorithm }) => `${id} (${algorithm})`).join(', ');
  const signs = first?.sign === undefined ? 'none signs here' : `${first.id} signs`;
  report({ step: `keys of ${name}`, result: 'ok', detail: `${ring}; ${signs}` });
  // The shared list is looked at by the steps of the store.
  if (revoked === undefined || where === 'shared') return;
  const list = await revoked.current();
  const step = `revocations in ${revocationsFile}`;
  if ('kind' in list) report({ step, result: 'failed', detail: list.detail ?? list.reason, reason: list.reason });
  else report({ step, result: 'ok' });
}
