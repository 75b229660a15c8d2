// The `issuer` section: keys read and imported, weak secrets refused, the revocations looked at.

import { z } from 'zod';
import type { Secret } from '../core/secret.ts';
import { type KeyResult, keyOfPem, keyOfSecret } from '../issuer/keys.ts';
import { parseRevocations } from '../issuer/revocation-text.ts';
import { ALGORITHMS, type Algorithm, type IssuerSettings } from '../issuer/settings.ts';
import type { Fields } from './field-types.ts';
import { ALWAYS, ALWAYS_LIST, soundness } from './soundness.ts';

type Context = z.core.$RefinementCtx;

export interface CheckedIssuer {
  readonly settings: IssuerSettings;
  readonly warnings: readonly string[];
}

const KEY_ID = /^[\w.:-]{1,64}$/;
const HOUR_MS = 3_600_000;
const LONGEST_MS = 90 * 24 * HOUR_MS;

/** The keys as they are written, each right by itself. */
function written(fields: Fields) {
  const lifetime = fields.duration({ minMs: 1000, maxMs: LONGEST_MS });
  return fields.object({
    name: z.string().min(1).describe('The iss claim, usually the URL of the portal.'),
    audience: z.string().min(1).describe('The aud claim, demanded at verification.'),
    lifetime: fields
      .object({
        default: lifetime.prefault('8h').describe('1s to 2160h, default 8h.'),
        max: lifetime.prefault('24h').describe('1s to 2160h, default 24h.'),
      })
      .prefault({}),
    keys: z.array(keyField(fields)).min(1).superRefine(checkIds, ALWAYS_LIST).describe('The first signs, all verify.'),
    kubehookCompatible: z
      .boolean()
      .default(false)
      .describe('Take tokens as planetlabs/kubehook made them; weak secrets are warnings. Default false.'),
    revocationsFile: fields
      .stateFile()
      .optional()
      .describe('Written by the broker; without it nothing can be revoked.'),
    crossEndpoints: z
      .boolean()
      .default(false)
      .describe('Take a token at every endpoint, not only at the one that signed its owner in. Default false.'),
  });
}

/** `issuer{name,audience,lifetime,keys,kubehookCompatible,revocationsFile,crossEndpoints}`. */
export function issuerField(fields: Fields) {
  const checked = written(fields).superRefine((given, context) => {
    for (const [path, message] of faultsOf(given, context)) context.addIssue({ code: 'custom', path, message });
  }, ALWAYS);
  return checked.transform((given): CheckedIssuer => {
    const { name, audience, kubehookCompatible, lifetime, revocationsFile, crossEndpoints } = given;
    const results = given.keys.map((key) => keyResult(key, kubehookCompatible));
    return {
      settings: {
        name,
        audience,
        lifetime: { defaultMs: lifetime.default, maxMs: lifetime.max },
        keys: results.flatMap((result) => ('key' in result ? [result.key] : [])),
        kubehookCompatible,
        crossEndpoints,
        ...(revocationsFile && { revocationsFile: revocationsFile.path }),
      },
      warnings: results.flatMap((result) => ('warning' in result && result.warning ? [result.warning] : [])),
    };
  });
}

type Fault = readonly [(string | number)[], string];

function* faultsOf(given: z.output<ReturnType<typeof written>>, context: Context): Generator<Fault> {
  const { lifetime, keys, kubehookCompatible, revocationsFile } = given;
  const sound = soundness(context);
  if (sound('lifetime') && lifetime.default > lifetime.max)
    yield [['lifetime', 'default'], 'must not be longer than max'];
  const revocations = sound('revocationsFile') ? parseRevocations(revocationsFile?.text ?? '') : undefined;
  if (revocations && 'fault' in revocations)
    yield [['revocationsFile'], `${revocationsFile?.path} ${revocations.fault}`];
  if (!sound('kubehookCompatible') || !Array.isArray(keys)) return;
  for (const [index, key] of keys.entries()) {
    const result = sound('keys', index) ? keyResult(key, kubehookCompatible) : undefined;
    if (result && 'fault' in result) yield [['keys', index], result.fault];
  }
}

interface GivenKey {
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly privateKey?: Secret | undefined;
  readonly publicKey?: Secret | undefined;
  readonly secret?: Secret | undefined;
}

function keyField(fields: Fields) {
  const key = fields.object({
    id: z.string().regex(KEY_ID, 'must be letters, digits, ".", ":", "_" or "-", at most 64').describe('The kid.'),
    algorithm: z.enum(ALGORITHMS),
    privateKey: fields.secret().optional().describe('PEM, for EdDSA (Ed25519) and ES256 (EC P-256).'),
    publicKey: fields.secret().optional().describe('PEM in place of privateKey: verifies and never signs.'),
    secret: fields.secret().optional().describe('For HS256: at least 32 bytes.'),
  });
  return key.superRefine((given, context) => {
    const message = soundness(context)('algorithm') ? whichMissing(given) : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }, ALWAYS);
}

function whichMissing({ algorithm, privateKey, publicKey, secret }: GivenKey): string | undefined {
  const pems = [privateKey, publicKey].filter((pem) => pem !== undefined).length;
  if (algorithm === 'HS256') {
    return secret !== undefined && pems === 0 ? undefined : 'HS256 needs secret, and neither privateKey nor publicKey';
  }
  return pems === 1 && secret === undefined
    ? undefined
    : `${algorithm} needs either privateKey or publicKey, and no secret`;
}

function keyResult({ id, algorithm, privateKey, publicKey, secret }: GivenKey, isWeakAllowed: boolean): KeyResult {
  if (algorithm === 'HS256') return secret ? keyOfSecret(id, secret, isWeakAllowed) : { fault: 'has no key' };
  const pem = privateKey ?? publicKey;
  return pem ? keyOfPem(id, algorithm, pem) : { fault: 'has no key' };
}

function checkIds(keys: readonly { readonly id: string }[], context: Context): void {
  const sound = soundness(context);
  const ids = keys.map((key, at) => (sound(at, 'id') ? key.id : undefined));
  ids.forEach((id, at) => {
    if (id === undefined || ids.indexOf(id) === at) return;
    context.addIssue({ code: 'custom', path: [at, 'id'], message: `${id} is there already; every id must be unique` });
  });
}
