// Dependencies point one way: reads the import lines of the program, and says which rule broke.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Import, importsOf, programImports } from './imports.ts';
import { programFiles } from './source-files.ts';

/** From the top: each layer may use those below it. Layers on one line are siblings. */
const LAYERS: readonly (readonly string[])[] = [
  ['src/main.ts', 'src/login/main.ts'],
  ['src/cli'],
  ['src/app.ts', 'src/graph.ts', 'src/handler.ts', 'src/readiness.ts', 'src/restart.ts'],
  ['src/webhook', 'src/operations', 'src/portal', 'src/login', 'src/server', 'src/settings', 'src/telemetry'],
  ['src/authn', 'src/issuer', 'src/command'],
  ['src/cel', 'src/stores'],
  ['src/http', 'src/upstream'],
  ['src/core'],
  ['src/files'],
  ['src/async'],
  ['src/text'],
];
const LAYER_NAMES = LAYERS.map((names) => names.map((name) => name.replace('src/', '')).join(', ')).join('\n  → ');

/** Files that every layer may read because they only say what the program is. */
const FACTS: ReadonlySet<string> = new Set(['src/version.ts', 'package.json']);
const REGISTRY = 'providers/index.ts';

/** What a provider may use: the floors below it, and of the settings the kinds of fields that its options are made of. */
const FOR_PROVIDERS = [
  'src/core',
  'src/text',
  'src/async',
  'src/upstream',
  'src/settings/provider-module.ts',
  'src/settings/soundness.ts',
  'src/settings/entries-file.ts',
];

/** Libraries that one part alone may know. */
const OWNED: Readonly<Record<string, readonly string[]>> = {
  express: ['src/webhook', 'src/operations', 'src/portal'],
  zod: ['src/settings', 'providers'],
  yaml: ['src/text', 'src/cli', 'src/portal'],
  'prom-client': ['src/telemetry'],
  undici: ['src/upstream'],
  'openid-client': ['src/upstream'],
  'node:https': ['src/server', 'src/cli', 'src/upstream'],
};

void describe('dependencies point one way', () => {
  void test('every file of src belongs to a layer', () => {
    const lost = programFiles().filter(
      ({ path }) => path.startsWith('src/') && place(path) === undefined && !FACTS.has(path),
    );
    assert.deepEqual(
      lost.map(({ path }) => path),
      [],
      `name its layer in ${import.meta.filename}`,
    );
  });

  void test('a layer uses only those below it, and siblings share types only', () => {
    const wrong = sourceImports().filter((line) => !isDownwards(line));
    assert.deepEqual(wrong.map(told), [], `allowed is:\n  ${LAYER_NAMES}\nand between siblings \`import type\``);
  });

  void test('src names no provider: only the entry reads the registry', () => {
    const wrong = programImports().filter(
      ({ from, to }) =>
        from.startsWith('src/') && to.startsWith('providers/') && !(from === 'src/main.ts' && to === REGISTRY),
    );
    assert.deepEqual(wrong.map(told), [], 'take the modules as a parameter');
  });

  void test('a provider imports the floors below it, the field kit, its own folder and libraries', () => {
    const wrong = programImports().filter(
      ({ from, to, isOwn }) => isOwn && isProvider(from) && !isForProvider(from, to),
    );
    assert.deepEqual(wrong.map(told), [], 'move what is shared to src/upstream or src/core');
  });

  void test('core is pure: the project is not imported, nor anything that does I/O', () => {
    const wrong = programImports().filter(
      ({ from, to, isOwn }) =>
        from.startsWith('src/core/') &&
        (isOwn
          ? !['src/core', 'src/async', 'src/text'].some((part) => isIn(to, part))
          : /^node:(?:fs|http|https|tls|dns|child_process)/.test(to)),
    );
    assert.deepEqual(wrong.map(told), [], 'take it as a parameter: see src/core/seams.ts');
  });

  for (const [library, owners] of Object.entries(OWNED)) {
    void test(`${library} is known to ${owners.join(', ')} alone`, () => {
      const wrong = programImports().filter(
        ({ from, to, isTypeOnly }) => to === library && !isTypeOnly && !owners.some((owner) => isIn(from, owner)),
      );
      assert.deepEqual(wrong.map(told), []);
    });
  }

  void test('TokenReview is a word of the webhook', () => {
    const code = programFiles().filter(
      ({ path, text }) => !isIn(path, 'src/webhook') && /TokenReview/.test(withoutWords(text)),
    );
    assert.deepEqual(
      code.map(({ path }) => path),
      [],
      'the webhook turns verdicts into TokenReviews, nobody else',
    );
  });
});

void describe('the reader of import lines', () => {
  const rows = [
    { name: 'a value', given: "import { a } from './b.ts';", want: ['src/b.ts', false] },
    { name: 'a type', given: "import type { A } from '../core/a.ts';", want: ['core/a.ts', true] },
    { name: 'types one by one', given: "import { type A, type B } from './b.ts';", want: ['src/b.ts', true] },
    { name: 'a type beside a value', given: "import { type A, b } from './b.ts';", want: ['src/b.ts', false] },
    { name: 'many lines', given: "import {\n  a,\n  b,\n} from './b.ts';", want: ['src/b.ts', false] },
    { name: 'a passed-on value', given: "export { a } from './b.ts';", want: ['src/b.ts', false] },
    { name: 'an import for its effect', given: "import './b.ts';", want: ['src/b.ts', false] },
    { name: 'an import at run time', given: "const a = await import('./b.ts');", want: ['src/b.ts', false] },
  ];
  for (const { name, given, want } of rows) {
    void test(`sees ${name}`, () => {
      const seen = importsOf({ path: 'src/a.ts', text: given }).map(({ to, isTypeOnly }) => [to, isTypeOnly]);
      assert.deepEqual(seen, [want]);
    });
  }
});

function sourceImports(): readonly Import[] {
  return programImports().filter(({ from, to }) => from.startsWith('src/') && to.startsWith('src/') && !FACTS.has(to));
}

function isDownwards({ from, to, isTypeOnly }: Import): boolean {
  const [upper, lower] = [place(from), place(to)];
  if (upper === undefined || lower === undefined) return false;
  if (upper.name === lower.name) return true;
  return lower.level > upper.level || (lower.level === upper.level && (isTypeOnly || isComposition(upper.level)));
}

/** The composition root is one layer in several files. */
const isComposition = (level: number): boolean => LAYERS[level]?.includes('src/app.ts') === true;

function place(path: string): { readonly name: string; readonly level: number } | undefined {
  const found = LAYERS.flatMap((names, level) => names.map((name) => ({ name, level })));
  return found.find(({ name }) => isIn(path, name));
}

function isIn(path: string, part: string): boolean {
  return path === part || path.startsWith(`${part}/`);
}

function isProvider(path: string): boolean {
  return path.startsWith('providers/') && path !== REGISTRY;
}

function isForProvider(from: string, to: string): boolean {
  if (FOR_PROVIDERS.some((part) => isIn(to, part))) return true;
  const own = from.split('/')[1]?.replace(/\.ts$/, '');
  return to === `providers/${own}.ts` || to.startsWith(`providers/${own}/`);
}

/** Comments and texts for people may say it. */
function withoutWords(text: string): string {
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
  return code.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g, '');
}

function told({ from, to, isTypeOnly }: Import): string {
  return `${from} imports ${to}${isTypeOnly ? ' (types)' : ''}`;
}
