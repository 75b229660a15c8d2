// Gives an expression a form that cel-js parses as cel-go would, character for character at the same places.

import { Fault } from '../values/value.ts';
import { isEscapedName, type Token } from './tokens.ts';

export interface Masked {
  /** As long as the source: literals and names between backticks are blank, and every comparison of two characters is `<=`. */
  readonly text: string;
  /** Where `?` stood before an element of a list or a key of a map; cel-js does not know it. */
  readonly marks: readonly number[];
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * A fault where cel-js would take what cel-go refuses: `f(a,)`, `a ? b ? c : d : e`. Comparisons are masked because
 * cel-js binds `==` less than `<` and `in`, and cel-go binds them alike.
 */
export function mask(source: string, tokens: readonly Token[]): Masked | Fault {
  const characters = Array.from({ length: source.length }, () => ' ');
  const marks: number[] = [];
  /** What is open: a bracket and how many `?` wait for their `:` in it. */
  const open: { bracket: string; waiting: number }[] = [{ bracket: '', waiting: 0 }];
  for (const [i, token] of tokens.entries()) {
    const before = tokens[i - 1];
    const inside = open.at(-1) ?? { bracket: '', waiting: 0 };
    const role = token.text === '?' ? questionRole(before, tokens[i - 2], inside.bracket) : undefined;
    const refused = faultOf(token, before, tokens[i + 1], role, inside.waiting);
    if (refused !== undefined) return new Fault(refused, token.start, token.end);
    if (role === 'mark') marks.push(token.start);
    else write(characters, token);
    if (role === 'ternary') inside.waiting = 1;
    else if (token.text === ':') inside.waiting = 0;
    else if (token.text in CLOSING) open.push({ bracket: token.text, waiting: 0 });
    else if (token.text === CLOSING[inside.bracket]) open.pop();
  }
  return { text: characters.join(''), marks };
}

function write(characters: string[], { kind, text, start }: Token): void {
  const literal = text.length === 1 ? '1' : '""';
  const name = text.startsWith('`') ? '_'.repeat(text.length) : text;
  const shown = kind === 'word' ? name : kind === 'sign' ? sign(text) : literal;
  for (const [i, character] of shown.split('').entries()) characters[start + i] = character;
}

const sign = (text: string): string => (text === '==' || text === '!=' || text === '>=' ? '<=' : text);

type Role = 'mark' | 'index' | 'select' | 'ternary';

function questionRole(before: Token | undefined, second: Token | undefined, bracket: string): Role {
  if (before?.text === '.') return 'select';
  if (before?.text === '[') return endsOperand(second) ? 'index' : 'mark';
  if (before?.text === '{' || (before?.text === ',' && bracket !== '(')) return 'mark';
  return 'ternary';
}

function faultOf(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
  role: Role | undefined,
  waiting: number,
): string | undefined {
  if (isLiteral(token) && endsOperand(before)) return `unexpected literal: ${token.text}`;
  if (token.text === ')' && before?.text === ',') return 'a comma without an operand after it';
  if (role === 'ternary' && waiting > 0) return 'a condition in a condition needs parentheses: a ? (b ? c : d) : e';
  if (token.text === '.' && !endsOperand(before)) return 'a name has no dot before it: claims, not .claims';
  if (token.text === '{' && before?.kind === 'word' && endsOperand(before))
    return 'messages cannot be written here: use timestamp(), duration() or a plain value';
  const isField = /^[.?]$/.test(before?.text ?? '') && after?.text !== '(';
  if (isEscapedName(token) && !isField) return 'a name between backticks can only be a field: claims.`a-b`';
  return undefined;
}

const isLiteral = ({ kind }: Token): boolean => kind === 'number' || kind === 'quoted';

function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return isLiteral(token) || (token.kind === 'word' ? token.text !== 'in' : /^[)\]}]$/.test(token.text));
}
