// The section `issuer`: keys read and imported, weak secrets refused, the revocations looked at.

import { z } from 'zod';
import type { Secret } from '../core/secret.ts';
import { type KeyResult, keyOfPem, keyOfSecret } from '../issuer/keys.ts';
import { parseRevocations } from '../issuer/revocation-text.ts';
import { ALGORITHMS, type Algorithm, type IssuerSettings } from '../issuer/settings.ts';
import { openidField, openidSettings } from './openid-schema.ts';
import type { Fields } from './provider-module.ts';
import type { Section } from './section.ts';
import { ALWAYS, ALWAYS_LIST, soundness, unique } from './soundness.ts';

const KEY_ID = /^[\w.:-]{1,64}$/;
const LONGEST_MS = 90 * 24 * 3_600_000;

/** `issuer{name,audience,lifetime,keys,kubehookCompatible,revocationsFile,revocations,crossEndpoints,openid}`. */
export function issuerField(fields: Fields) {
  const lifetime = fields.duration({ minMs: 1000, maxMs: LONGEST_MS });
  const block = fields.object({
    name: z.string().min(1).describe('The iss claim, usually the URL of the portal.'),
    audience: z.string().min(1).describe('The aud claim, demanded at verification.'),
    lifetime: fields
      .object({
        default: lifetime.prefault('8h').describe('1s to 2160h, default 8h.'),
        max: lifetime.prefault('24h').describe('1s to 2160h, default 24h.'),
      })
      .prefault({}),
    keys: z
      .array(keyField(fields))
      .min(1)
      .superRefine(unique('id'), ALWAYS_LIST)
      .describe('The first signs, all verify.'),
    kubehookCompatible: z
      .boolean()
      .default(false)
      .describe('Take tokens as planetlabs/kubehook made them; weak secrets are warnings. Default false.'),
    revocationsFile: fields
      .stateFile()
      .optional()
      .describe('Written by the broker; without it nothing can be revoked.'),
    revocations: z
      .literal('shared')
      .optional()
      .describe('Keep them in the shared store; revocationsFile is then the snapshot of this broker.'),
    crossEndpoints: z
      .boolean()
      .default(false)
      .describe('Take a token at every endpoint, not only at the one that signed its owner in. Default false.'),
    openid: openidField(fields).optional().describe('The broker is an OpenID provider; absent: it is none.'),
  });
  return block.superRefine((given, context) => {
    for (const [path, message] of faultsOf(given, soundness(context))) {
      context.addIssue({ code: 'custom', path, message });
    }
  }, ALWAYS);
}

type Written = z.output<ReturnType<typeof issuerField>>;

export function issuerSection({ lifetime, keys, revocationsFile, openid, ...rest }: Written): Section<IssuerSettings> {
  return {
    settings: {
      ...rest,
      lifetime: { defaultMs: lifetime.default, maxMs: lifetime.max },
      keys: keys.flatMap(({ result }) => ('key' in result ? [result.key] : [])),
      ...(revocationsFile && { revocationsFile: revocationsFile.path }),
      ...(openid && { openid: openidSettings(openid) }),
    },
    warnings: [
      ...keys.flatMap(({ id, result }) =>
        'key' in result && result.weakness !== undefined
          ? [`issuer key ${id}: the secret ${result.weakness}, so tokens could be forged; replace it soon`]
          : [],
      ),
      ...(revocationsFile?.isFolderMissing === true
        ? [
            `issuer.revocationsFile: the folder of ${revocationsFile.path} is missing; the broker makes it when it starts`,
          ]
        : []),
    ],
  };
}

type Fault = readonly [(string | number)[], string];

function* faultsOf(given: Written, sound: ReturnType<typeof soundness>): Generator<Fault> {
  const { lifetime, keys, kubehookCompatible, revocationsFile, revocations: where } = given;
  if (sound('lifetime') && lifetime.default > lifetime.max)
    yield [['lifetime', 'default'], 'must not be longer than max'];
  const isList = sound('revocationsFile') && where === undefined;
  const revocations = isList ? parseRevocations(revocationsFile?.text ?? '') : undefined;
  if (revocations && 'fault' in revocations)
    yield [['revocationsFile'], `${revocationsFile?.path} ${revocations.fault}`];
  for (const [index, key] of Array.isArray(keys) ? keys.entries() : []) {
    const fault = sound('keys', index)
      ? keyFault(key.result, sound('kubehookCompatible') && !kubehookCompatible)
      : undefined;
    if (fault !== undefined) yield [['keys', index], fault];
  }
}

/** A weak secret is a warning where the secrets of kubehook must go on working. */
function keyFault(result: KeyResult, demandsStrength: boolean): string | undefined {
  if ('fault' in result) return result.fault;
  const { weakness } = result;
  if (weakness === undefined || !demandsStrength) return undefined;
  return `the secret ${weakness}, so tokens could be forged; make one with kube-auth-broker issuer new-key`;
}

interface WrittenKey {
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly privateKey?: Secret | undefined;
  readonly publicKey?: Secret | undefined;
  readonly secret?: Secret | undefined;
}

function keyField(fields: Fields) {
  const block = fields.object({
    id: z.string().regex(KEY_ID, 'must be letters, digits, ".", ":", "_" or "-", at most 64').describe('The kid.'),
    algorithm: z.enum(ALGORITHMS),
    privateKey: fields.secret().optional().describe('PEM, for EdDSA (Ed25519) and ES256 (EC P-256).'),
    publicKey: fields.secret().optional().describe('PEM in place of privateKey: verifies and never signs.'),
    secret: fields.secret().optional().describe('For HS256: at least 32 bytes.'),
  });
  const complete = block.superRefine((given, context) => {
    const message = soundness(context)('algorithm') ? whichMissing(given) : undefined;
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }, ALWAYS);
  return complete.transform((given) => ({ id: given.id, result: imported(given) }));
}

function whichMissing({ algorithm, privateKey, publicKey, secret }: WrittenKey): string | undefined {
  const pems = [privateKey, publicKey].filter((pem) => pem !== undefined).length;
  if (algorithm === 'HS256') {
    return secret !== undefined && pems === 0 ? undefined : 'HS256 needs secret, and neither privateKey nor publicKey';
  }
  return pems === 1 && secret === undefined
    ? undefined
    : `${algorithm} needs either privateKey or publicKey, and no secret`;
}

function imported({ id, algorithm, privateKey, publicKey, secret }: WrittenKey): KeyResult {
  if (algorithm === 'HS256') return secret ? keyOfSecret(id, secret) : { fault: 'has no key' };
  const pem = privateKey ?? publicKey;
  return pem ? keyOfPem(id, algorithm, pem) : { fault: 'has no key' };
}
