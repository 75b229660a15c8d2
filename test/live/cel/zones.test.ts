// Proves that no named time zone gives another time here than in kube-apiserver.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Question, type Result, resultHere } from '../../cel/recorded.ts';
import { requirePrograms } from '../apiserver/programs.ts';
import { askKubeApiserver } from './compiler.ts';

const skip = requirePrograms('cel-expressions');

/** The first day of each quarter. */
const QUARTERS = Array.from({ length: 58 * 4 }, (_, i) => Date.UTC(1980, i * 3, 1, 12) / 1000);
const ZONES = Intl.supportedValuesOf('timeZone');
/** Other names of zones with laws of their own. */
const OTHER_NAMES = [
  'Canada/Mountain',
  'Canada/Pacific',
  'Europe/Tiraspol',
  'America/Yellowknife',
  'US/Eastern',
  'GB',
  'EET',
  'WET',
];

function question(zone: string, times: readonly number[]): Question {
  const minutes = `timestamp(int(t)).getHours('${zone}') * 60 + timestamp(int(t)).getMinutes('${zone}')`;
  return { expression: `dyn(claims.times).map(t, ${minutes})`, input: { times: [...times] } };
}

void describe('named time zones', { skip }, () => {
  void it('give the time that kube-apiserver gives, from 1980 to 2037, or none', async () => {
    const questions = [...ZONES, ...OTHER_NAMES].flatMap((zone) => [
      question(
        zone,
        QUARTERS.filter((time) => time < Date.UTC(2022, 0) / 1000),
      ),
      question(
        zone,
        QUARTERS.filter((time) => time >= Date.UTC(2022, 0) / 1000),
      ),
    ]);
    const there = await askKubeApiserver(questions);
    const pairs = questions.map((asked, i) => ({ asked, here: resultHere(asked), there: there[i] }));
    const other = pairs.filter(
      ({ here, there: wanted }) => isValue(here) && JSON.stringify(here) !== JSON.stringify(wanted),
    );
    assert.deepEqual(
      other.map(({ asked }) => asked.expression),
      [],
    );
    const refused = pairs.filter(({ here, there: wanted }) => !isValue(here) && isValue(wanted)).length;
    assert.ok(refused < 20, `${refused} of ${pairs.length} questions about zones have no answer here`);
  });
});

const isValue = (result: Result | undefined): boolean => typeof result === 'object';
