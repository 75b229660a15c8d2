// Reads cel-js's syntax tree into cel-go's, with what the mask hid taken from the tokens.

import type { ASTNode } from '@marcbachmann/cel-js';
import { Fault, type Outcome } from '../values/value.ts';
import { expandMacro } from './macros.ts';
import { isEscapedName, literalOf, type Token } from './tokens.ts';
import { type Call, CONDITIONAL, type Expr, INDEX, OPTIONAL_INDEX, OPTIONAL_SELECT, type Span } from './tree.ts';

type Node<Op extends ASTNode['op']> = Extract<ASTNode, { readonly op: Op }>;

interface Reading {
  readonly tokens: readonly Token[];
  readonly marks: readonly number[];
  /** The number of the token that begins here. */
  readonly indexAt: ReadonlyMap<number, number>;
  /** Names between backticks, by where they end. */
  readonly escaped: ReadonlyMap<number, string>;
  /** Where the minus stands of a number that begins here. */
  readonly negated: ReadonlyMap<number, number>;
  /** The first of them is why the whole expression is refused. */
  readonly faults: Fault[];
}

/** The tree, or the first fault of a literal or a macro. `marks` is where `?` stood before an element or a key. */
export function readTree(root: ASTNode, tokens: readonly Token[], marks: readonly number[]): Expr | Fault {
  const indexAt = new Map(tokens.map(({ start }, i) => [start, i]));
  const escaped = new Map(tokens.filter(isEscapedName).map(({ text, end }) => [end, text.slice(1, -1)]));
  const reading: Reading = { tokens, marks, indexAt, escaped, negated: new Map(), faults: [] };
  const tree = read(reading, root);
  return reading.faults[0] ?? tree;
}

function read(reading: Reading, node: ASTNode): Expr {
  const all = (nodes: readonly ASTNode[]): readonly Expr[] => nodes.map((one) => read(reading, one));
  switch (node.op) {
    case 'value':
      return readLiteral(reading, node);
    case 'id':
      return { kind: 'ident', name: node.args, ...spanOf(node) };
    case '.':
      return {
        kind: 'select',
        operand: read(reading, node.args[0]),
        field: fieldOf(reading, node),
        test: false,
        ...spanOf(node),
      };
    case '.?':
      return call(OPTIONAL_SELECT, [read(reading, node.args[0]), literal(fieldOf(reading, node), node)], node);
    case '[]':
      return call(INDEX, all(node.args), node);
    case '[?]':
      return call(OPTIONAL_INDEX, all(node.args), node);
    case 'call':
      return expanded(reading, call(node.args[0], all(node.args[1]), node));
    case 'rcall': {
      const [name, target, args] = node.args;
      return expanded(reading, { ...call(name, all(args), node), target: read(reading, target) });
    }
    case 'list':
      return readList(reading, node);
    case 'map':
      return readMap(reading, node);
    case '?:':
      return call(CONDITIONAL, all(node.args), node);
    case '!_':
    case '-_':
      return readSigned(reading, node);
    default:
      return call(operatorName(reading, node.op, node.args[1]), all(node.args), node);
  }
}

const fieldOf = ({ escaped }: Reading, { args, end }: Node<'.' | '.?'>): string => escaped.get(end) ?? args[1];

const spanOf = ({ start, end }: Span): Span => ({ start, end });
const call = (name: string, args: readonly Expr[], at: Span): Call => ({ kind: 'call', name, args, ...spanOf(at) });

/** A literal of this value; for a fault something that stands in its place until the expression is refused. */
function literal(value: Outcome, at: Span, reading?: Reading): Expr {
  if (!(value instanceof Fault)) return { kind: 'literal', value, ...spanOf(at) };
  reading?.faults.push(new Fault(value.words, value.at ?? at.start, value.end ?? at.end));
  return { kind: 'literal', value: null, ...spanOf(at) };
}

function expanded(reading: Reading, made: Call): Expr {
  const macro = expandMacro(made);
  return macro instanceof Fault ? literal(macro, made, reading) : macro;
}

function readLiteral(reading: Reading, node: Node<'value'>): Expr {
  const token = tokenAt(reading, node.start);
  const minus = reading.negated.get(node.start);
  if (minus !== undefined && token !== undefined) {
    return literal(literalOf(token, '-'), { start: minus, end: token.end }, reading);
  }
  if (token !== undefined && token.kind !== 'word') return literal(literalOf(token), token, reading);
  return literal(typeof node.args === 'boolean' ? node.args : null, node);
}

function tokenAt({ tokens, indexAt }: Reading, start: number, offset = 0): Token | undefined {
  const index = indexAt.get(start);
  return index === undefined ? undefined : tokens[index + offset];
}

/** What a chain of selections and method calls begins with. */
function firstOf(node: ASTNode): ASTNode {
  switch (node.op) {
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      return firstOf(node.args[0]);
    case 'rcall':
      return firstOf(node.args[1]);
    default:
      return node;
  }
}

/** A minus is part of the number after it, and two signs in a row are none (cel-go parser/parser.go, VisitNegate). */
function readSigned(reading: Reading, node: Node<'!_' | '-_'>): Expr {
  const inner = node.args;
  const next = tokenAt(reading, node.start, 1);
  if (next?.start !== inner.start) return call(node.op, [read(reading, inner)], node);
  const isSignedNumber = next.kind === 'number' && !/u$/i.test(next.text) && firstOf(inner).start === next.start;
  if (node.op === '-_' && isSignedNumber) {
    return read({ ...reading, negated: new Map([...reading.negated, [next.start, node.start]]) }, inner);
  }
  if (inner.op === node.op) return read(reading, inner.args);
  const isSigned = inner.op === '!_' || (inner.op === '-_' && inner.args.op !== 'value');
  if (isSigned) return literal(new Fault('! and - need parentheses between them'), node, reading);
  return call(node.op, [read(reading, inner)], node);
}

/** Before the right operand stands the operator, or parentheses and then the operator. */
function operatorName({ tokens, indexAt }: Reading, op: string, right: ASTNode): string {
  let index = (indexAt.get(right.start) ?? 0) - 1;
  while (tokens[index]?.text === '(') index--;
  const name = op === '<=' ? (tokens[index]?.text ?? op) : op;
  return name === 'in' ? '@in' : `_${name}_`;
}

const isMarked = ({ marks }: Reading, from: number, to: number): boolean =>
  marks.some((mark) => mark >= from && mark < to);

function readList(reading: Reading, node: Node<'list'>): Expr {
  const optional = new Set<number>();
  const elements = node.args.map((element, i) => {
    if (isMarked(reading, node.args[i - 1]?.end ?? node.start, element.start)) optional.add(i);
    return read(reading, element);
  });
  return { kind: 'list', elements, optional, ...spanOf(node) };
}

function readMap(reading: Reading, node: Node<'map'>): Expr {
  const entries = node.args.map(([key, value], i) => {
    const optional = isMarked(reading, node.args[i - 1]?.[1].end ?? node.start, key.start);
    return { key: read(reading, key), value: read(reading, value), optional };
  });
  return { kind: 'map', entries, ...spanOf(node) };
}
