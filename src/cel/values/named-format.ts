// The named formats of strings in Kubernetes, and what each says about a string that does not have it.

import { requestProblem } from './url.ts';
import { type Fault, NO_OVERLOAD, type Value } from './value.ts';

/** What is wrong with a string, which has one character for each byte; nothing when it has the format. */
type Check = (bytes: string) => readonly string[] | Fault;

export class NamedFormat {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly check: Check;
  /** What kube-apiserver takes for the length of its pattern, for the cost. */
  readonly patternLength: number;

  constructor(name: string, patternLength: number, check: Check) {
    this.name = name;
    this.patternLength = patternLength;
    this.check = check;
  }

  equals(other: Value): boolean | Fault {
    return other instanceof NamedFormat ? this.name === other.name : NO_OVERLOAD;
  }
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${KEY})?`;

const isSubdomain = (bytes: string): boolean => bytes.split('.').every((part) => matches(LABEL, part));
const matches = (pattern: string, text: string): boolean => new RegExp(`^(?:${pattern})$`).test(text);

/** Both words mean bytes; Kubernetes says `characters` in pkg/util/validation and `bytes` in pkg/api/validate/content. */
const tooLong = (bytes: string, limit: number, unit: 'bytes' | 'characters'): readonly string[] =>
  bytes.length > limit ? [`must be no more than ${limit} ${unit}`] : [];

/** The sentence of Kubernetes (apimachinery pkg/api/validate/content/errors.go, RegexError). */
function mustMatch(rule: string, pattern: string, ...examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${rule} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

const ENDS = 'and must start and end with an alphanumeric character';
const LABEL_RULE = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ENDS}`;
const SUBDOMAIN_RULE = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS}`;
const LABEL_1035_RULE =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, " +
  'and end with an alphanumeric character';
const KEY_RULE = `must consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`;
const LABEL_VALUE_RULE = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`;

function label(bytes: string): readonly string[] {
  if (matches(LABEL, bytes)) return tooLong(bytes, 63, 'characters');
  const sentence = mustMatch(LABEL_RULE, LABEL, 'my-name', '123-abc');
  return [...tooLong(bytes, 63, 'characters'), isSubdomain(bytes) ? 'must not contain dots' : sentence];
}

function subdomain(bytes: string, unit: 'bytes' | 'characters' = 'characters'): readonly string[] {
  const sentence = mustMatch(SUBDOMAIN_RULE, SUBDOMAIN, 'example.com');
  return [...tooLong(bytes, 253, unit), ...(isSubdomain(bytes) ? [] : [sentence])];
}

function label1035(bytes: string): readonly string[] {
  const sentence = mustMatch(LABEL_1035_RULE, LABEL_1035, 'my-name', 'abc-123');
  return [...tooLong(bytes, 63, 'characters'), ...(matches(LABEL_1035, bytes) ? [] : [sentence])];
}

function labelValue(bytes: string): readonly string[] {
  const sentence = mustMatch(LABEL_VALUE_RULE, LABEL_VALUE, 'MyValue', 'my_value', '12345');
  return [...tooLong(bytes, 63, 'bytes'), ...(matches(LABEL_VALUE, bytes) ? [] : [sentence])];
}

/** A name that may have a subdomain and `/` before it. */
function qualifiedName(bytes: string): readonly string[] {
  const sentence = mustMatch(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc');
  const [first = '', second, ...more] = bytes.split('/');
  if (more.length > 0) {
    return [`a valid label key ${sentence} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const prefix = second === undefined ? [] : first === '' ? ['must be non-empty'] : subdomain(first, 'bytes');
  const name = second ?? first;
  const length = name === '' ? ['must be non-empty'] : tooLong(name, 63, 'bytes');
  const parts = [...length, ...(matches(KEY, name) ? [] : [sentence])];
  return [...prefix.map((words) => `prefix part ${words}`), ...parts.map((words) => `name part ${words}`)];
}

/** A prefix may end with a dash; Kubernetes checks what would stand in its place. */
const asPrefix =
  (check: Check): Check =>
  (bytes) =>
    check(bytes.length > 1 && bytes.endsWith('-') ? `${bytes.slice(0, -2)}a` : bytes);

const unless =
  (words: string, holds: (bytes: string) => boolean): Check =>
  (bytes) =>
    holds(bytes) ? [] : [words];

function uri(bytes: string): readonly string[] | Fault {
  const problem = requestProblem(Buffer.from(bytes, 'latin1').toString());
  return typeof problem === 'string' ? [problem] : (problem ?? []);
}

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:[^\n][0-9]+)?(?:z|[+-]\d\d:\d\d)$/u;

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = DATE.exec(text) ?? [];
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= lastDay;
}

/** As kube-openapi's strfmt has it: what stands after a second `t` is not looked at, nor are the numbers of a zone. */
function isDateTime(bytes: string): boolean {
  const [date = '', time] = Buffer.from(bytes, 'latin1').toString().toLowerCase().split('t');
  const [, hour = '', minute = '', second = ''] = TIME.exec(time ?? '') ?? [];
  return isDate(date) && hour !== '' && hour <= '23' && minute <= '59' && second <= '59';
}

/** By the name that `format.named` takes. */
export const NAMED_FORMATS: ReadonlyMap<string, NamedFormat> = new Map([
  ['dns1123Label', new NamedFormat('DNS1123Label', 30, label)],
  ['dns1123Subdomain', new NamedFormat('DNS1123Subdomain', 60, subdomain)],
  ['dns1035Label', new NamedFormat('DNS1035Label', 30, label1035)],
  ['qualifiedName', new NamedFormat('QualifiedName', 60, qualifiedName)],
  ['dns1123LabelPrefix', new NamedFormat('DNS1123LabelPrefix', 30, asPrefix(label))],
  ['dns1123SubdomainPrefix', new NamedFormat('DNS1123SubdomainPrefix', 60, asPrefix(subdomain))],
  ['dns1035LabelPrefix', new NamedFormat('DNS1035LabelPrefix', 30, asPrefix(label1035))],
  ['labelValue', new NamedFormat('LabelValue', 40, labelValue)],
  ['uri', new NamedFormat('URI', 1103, uri)],
  [
    'uuid',
    new NamedFormat(
      'uuid',
      70,
      unless('does not match the UUID format', (bytes) => UUID.test(bytes)),
    ),
  ],
  [
    'byte',
    new NamedFormat(
      'byte',
      84,
      unless('invalid base64', (bytes) => bytes.length % 4 === 0 && BASE64.test(bytes)),
    ),
  ],
  ['date', new NamedFormat('date', 71, unless('invalid date', isDate))],
  ['datetime', new NamedFormat('datetime', 71, unless('invalid datetime', isDateTime))],
]);
