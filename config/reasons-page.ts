// The reference page of all reasons, written from the tables in src/core.

import { MALFORMED_REASONS, OUTAGE_REASONS } from '../src/core/outage-reasons.ts';
import type { ReasonRow } from '../src/core/reason-row.ts';
import { ABSTAIN_REASONS, REJECT_REASONS } from '../src/core/refusal-reasons.ts';

const INTRODUCTION = `# Reasons

Generated from the code by \`npm run generate\`. A reason is the \`reason\` label of \`authbroker_token_reviews_total\` and
\`authbroker_provider_requests_total\`, a field of the log lines, and what \`explain\` prints. Callers never see it: every
refusal is the same bytes. An authenticated verdict has the reason \`ok\`.
`;

const CHAPTERS: readonly (readonly [string, string, Readonly<Record<string, ReasonRow>>])[] = [
  ['abstained', 'Not mine: the next provider is asked.', ABSTAIN_REASONS],
  ['rejected', 'Mine, and bad: nobody else is asked. Remembered for `cache.rejectedTTL`.', REJECT_REASONS],
  ['unavailable', 'Nobody can tell. Never remembered, here or at kube-apiserver.', OUTAGE_REASONS],
  ['malformed', 'No TokenReview: answered with a 4xx.', MALFORMED_REASONS],
];

export function reasonsPage(): string {
  return [INTRODUCTION, ...CHAPTERS.map(chapter)].join('\n');
}

function chapter([verdict, sentence, reasons]: (typeof CHAPTERS)[number]): string {
  const rows = Object.entries(reasons).map(([reason, { meaning, next }]) => `| \`${reason}\` | ${meaning} | ${next} |`);
  return [
    `## ${verdict}`,
    '',
    sentence,
    '',
    '| reason | what it means | what to do |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
