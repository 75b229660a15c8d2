// An explanation as a person reads it in the middle of the night.

import { printable } from '../../text/printable.ts';
import { authenticatedWords, refusedWords } from '../remembered.ts';
import { MARKS } from '../steps.ts';
import type { ExplainedCredential, ExplainedProvider, ExplainedVerdict, Explanation } from './explanation.ts';

const VERDICT_MARKS = {
  authenticated: MARKS.ok,
  abstained: '-',
  rejected: MARKS.failed,
  unavailable: MARKS.warning,
} as const;
const LABEL_WIDTH = 12;

/** Lines with what was tried and seen, then the answer and how long it may be remembered. */
export function explanationText(explanation: Explanation): string {
  const { endpoint, audiences, credential, providers, tokenReview } = explanation;
  const lines = [
    labelled('endpoint', endpoint),
    labelled('audiences', audiences.length === 0 ? 'none asked for' : audiences.join(', ')),
    labelled('credential', credentialWords(credential)),
    ...providers.flatMap(providerLines),
    '',
    ...finalLines(explanation),
    '',
    'The TokenReview that kube-apiserver would get:',
    ...JSON.stringify(tokenReview, null, 2).split('\n'),
    '',
    labelled('remembered', rememberedWords(explanation)),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}

function credentialWords(credential: ExplainedCredential): string {
  if (credential.kind === 'password') return `password of ${credential.username}`;
  if (credential.kind === 'refused') return 'none: the form of the token refuses it, and no provider is asked';
  if (credential.form === 'opaque') return 'bearer token, opaque';
  const { kind: _kind, form: _form, ...stated } = credential;
  const parts = Object.entries(stated).map(([name, value]) => `${name} ${JSON.stringify(value)}${expiry(name, value)}`);
  return `bearer token, JWT (nothing verified): ${parts.join(', ')}`;
}

function expiry(name: string, value: unknown): string {
  const date = name === 'exp' && typeof value === 'number' ? new Date(value * 1000) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? '' : ` (${date.toISOString()})`;
}

function providerLines(provider: ExplainedProvider): string[] {
  const { name, type, match, login, claims, mappings, rules, dropped, verdict } = provider;
  const inner = [
    ...(match
      ? [labelled('match', `${match.expression}: ${match.error ?? (match.holds ? 'holds' : 'does not hold')}`)]
      : []),
    ...(login ? [labelled('login', `${login.expression}: ${login.error ?? login.login ?? ''}`)] : []),
    ...(claims ? claimLines(claims) : []),
    ...mappings.map(({ field, rule, value, error }) =>
      labelled(field, `${error === undefined ? JSON.stringify(value) : `${MARKS.failed} ${error}`}   (${rule})`),
    ),
    ...rules.map(({ rule, holds, message, error }) =>
      labelled(
        'rule',
        `${holds ? MARKS.ok : MARKS.failed} ${[rule, error ?? (holds ? undefined : message)].filter(Boolean).join(': ')}`,
      ),
    ),
    ...dropped.map(({ group, why }) => labelled('dropped', `group ${JSON.stringify(group)}: ${why}`)),
    ...(verdict ? verdictLines(verdict, `, ${verdict.durationMs} ms`) : ['- not asked']),
  ];
  return ['', `${name} (${type})`, ...inner.map((line) => `  ${line}`)];
}

function claimLines({ subject, attributes, audiences }: NonNullable<ExplainedProvider['claims']>): string[] {
  return [
    ...(subject === undefined ? [] : [labelled('subject', JSON.stringify(subject))]),
    ...(audiences ? [labelled('good for', audiences.join(', '))] : []),
    'claims',
    ...Object.entries(attributes).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
  ];
}

/** Verdict and reason, then one line each for what it means, what was seen and what to do. */
function verdictLines({ kind, reason, meaning, next, detail, expiresAt }: ExplainedVerdict, more: string): string[] {
  const rest = [
    ...(meaning === undefined ? [] : [labelled('meaning', meaning)]),
    ...(detail === undefined ? [] : [labelled('detail', detail)]),
    ...(next === undefined ? [] : [labelled('next', next)]),
    ...(expiresAt === undefined ? [] : [labelled('expires', expiresAt)]),
  ];
  const head = `${VERDICT_MARKS[kind]} ${kind}${reason === undefined ? '' : `: ${reason}`}${more}`;
  return [head, ...rest.map((line) => `  ${line}`)];
}

/** The provider that decided has said why already; where none was asked, this is the place. */
function finalLines(explanation: Explanation): string[] {
  const lines = verdictLines(explanation.verdict, deciding(explanation));
  return explanation.verdict.by === undefined ? lines : lines.slice(0, 1);
}

function deciding({ verdict }: Explanation): string {
  if (verdict.providers !== undefined) return `, could not tell: ${verdict.providers.join(', ')}`;
  return verdict.by === undefined ? '' : `, by ${verdict.by}`;
}

function rememberedWords({ verdict, remembered }: Explanation): string {
  if (verdict.kind === 'unavailable') return 'never: neither here nor at kube-apiserver; the next request asks again';
  return verdict.kind === 'authenticated'
    ? `for at most ${authenticatedWords(remembered)}; so long a user removed upstream may still get in`
    : `for at most ${refusedWords(remembered)}; so long the same token stays refused although it has become good`;
}
