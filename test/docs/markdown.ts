// Reads the parts of a Markdown page that tests hold against the code: tables, code blocks, headings and links.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

export interface Page {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

export interface Table {
  /** Lower-case words of the head. */
  readonly head: readonly string[];
  /** Each row by the words of the head. */
  readonly rows: readonly Readonly<Record<string, string>>[];
}

export interface Block {
  /** The word after the fence, and what is written behind it. */
  readonly language: string;
  readonly text: string;
  /** Line of the fence, counted from 1. */
  readonly line: number;
}

/** Throws a sentence when the page is not there. */
export function readPage(path: string): Page {
  if (!existsSync(join(ROOT, path))) throw new Error(`${path} is missing: write it`);
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** Fenced blocks in order, indentation of a list item removed. */
export function blocksOf({ text }: Page): readonly Block[] {
  const fenced = text.matchAll(/^([ \t]*)```(\S*)[^\n]*\n([^]*?)^\1```[ \t]*$/gm);
  return [...fenced].map(({ 1: indent = '', 2: language = '', 3: body = '', index }) => ({
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: text.slice(0, index).split('\n').length,
  }));
}

/** All tables outside of code blocks. */
export function tablesOf({ text }: Page): readonly Table[] {
  const tables = withoutBlocks(text).match(/(?:^\|.*\|[ \t]*\n)+/gm) ?? [];
  return tables.map((table) => {
    const [first = [], , ...rest] = table.trim().split('\n').map(cellsOf);
    const head = first.map((cell) => cell.toLowerCase());
    return { head, rows: rest.map((cells) => Object.fromEntries(head.map((word, at) => [word, cells[at] ?? '']))) };
  });
}

/** From this heading to the next one; the sentence says what to write when there is none. */
export function sectionOf({ path, text }: Page, heading: string): Page {
  const [, rest] = new RegExp(`^#+ ${heading}\\n([^]*)`, 'm').exec(text) ?? [];
  if (rest === undefined) throw new Error(`${path} has no section "${heading}": write it`);
  return { path: `${path}#${slug(heading)}`, text: rest.split(/^(?=#{1,6} )/m)[0] ?? '' };
}

/** The first table that has these columns; the sentence says what to write when there is none. */
export function tableWith(page: Page, columns: readonly string[]): Table {
  const table = tablesOf(page).find(({ head }) => columns.every((column) => head.includes(column)));
  if (table !== undefined) return table;
  throw new Error(`${page.path} has no table with the head \`| ${columns.join(' | ')} |\`: write it`);
}

/** The text of a cell without backticks. */
export function plain(cell = ''): string {
  return cell.replaceAll('`', '').replaceAll(String.raw`\|`, '|').trim();
}

/** Words in backticks. */
export function codeWords(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

/** The anchors of the headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutBlocks(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = '']) => {
    const anchor = slug(heading);
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
  const written = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([...anchors, ...written]);
}

/** Targets of links and images, outside of code. */
export function linksOf({ text }: Page): readonly string[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  const references = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  return [...inline, ...references].map(([, target = '']) => target);
}

function slug(heading: string): string {
  const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
  return words
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^([ \t]*)```[^]*?^\1```[ \t]*$/gm, '');
}

function cellsOf(line: string): readonly string[] {
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
