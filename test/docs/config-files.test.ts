// The shipped configurations load, the schema is current, and broker.yaml names every key with its true default.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { isMap, isPair, isScalar, isSeq, type Node, parse, parseDocument } from 'yaml';
import { reasonsPage } from '../../config/reasons-page.ts';
import { providerModules } from '../../providers/index.ts';
import { stateFolder } from '../../src/files/access.ts';
import { readTextFile } from '../../src/files/text-file.ts';
import { loadConfig } from '../../src/settings/load.ts';
import { configJsonSchema } from '../../src/settings/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/text/json.ts';
import { configFile, faultsOf, settingsOf } from './shipped-loader.ts';

const GENERATE = 'it is out of date: run `npm run generate`';
const BROKER = configFile('broker.yaml');
const SCHEMA: JsonObject = JSON.parse(configFile('broker.schema.json'));

void describe('what is generated is current', () => {
  void test('config/broker.schema.json', () => {
    assert.ok(isDeepStrictEqual(SCHEMA, JSON.parse(JSON.stringify(configJsonSchema(providerModules)))), GENERATE);
  });

  void test('config/reasons.md', () => assert.ok(configFile('reasons.md') === reasonsPage(), GENERATE));
});

void describe('every shipped configuration loads', () => {
  const examples = readdirSync(new URL('../../config/examples/', import.meta.url)).map((name) => `examples/${name}`);
  const names = ['quickstart.yaml', 'broker.yaml', ...examples].filter((name) =>
    /(?<!\.users|\.tokens)\.yaml$/.test(name),
  );
  for (const name of names) void test(name, () => assert.deepEqual(faultsOf(configFile(name)), []));

  for (const name of names.filter((each) => each !== 'broker.yaml')) {
    void test(`${name} as it is shipped, with the files beside it`, () => {
      const path = fileURLToPath(new URL(`../../config/${name}`, import.meta.url));
      const seams = { env: {}, readFile: readTextFile, modules: providerModules, nowMs: Date.now, demandsState: true };
      const loaded = loadConfig(path, { ...seams, stateFolder });
      assert.deepEqual(loaded.ok ? loaded.config.warnings : loaded.errors, []);
    });
  }
});

void describe('config/broker.yaml', () => {
  void test('names every key of the schema, in the configuration or in a comment', () => {
    const written = new Set(keysIn(parse(BROKER)));
    const comments = BROKER.split('\n').map((line) => line.split(/(?:^|\s)#/)[1] ?? '');
    const isNamed = (key: string): boolean => comments.some((comment) => new RegExp(`\\b${key}\\b`).test(comment));
    const missing = schemaKeys(SCHEMA).filter((key) => !written.has(key) && !isNamed(key));
    assert.deepEqual(missing, [], 'write them into config/broker.yaml, with default and unit');
  });

  for (const { path, stated } of statedDefaults()) {
    void test(`${path.join('.')}: left out, it is ${stated}`, () => {
      const without = parseDocument(BROKER);
      without.deleteIn(path);
      const explicit = parseDocument(BROKER);
      explicit.setIn(path, stated === 'none' ? noneLike(explicit.getIn(path)) : parse(stated));
      assert.equal(
        settingsOf(without.toJS()),
        settingsOf(explicit.toJS()),
        'correct the comment in config/broker.yaml',
      );
    });
  }

  void test('states many defaults', () => assert.ok(statedDefaults().length > 20));
});

interface Stated {
  readonly path: readonly (string | number)[];
  readonly stated: string;
}

/** `key: value  # …; default VALUE`, and `default: these …` where the value itself is the default. */
function statedDefaults(): readonly Stated[] {
  const lines = BROKER.split('\n');
  const offsets = lines.map((_, index) => lines.slice(0, index).join('\n').length + (index === 0 ? 0 : 1));
  const places = placesIn(parseDocument(BROKER).contents, []);
  return lines.flatMap((line, index) => {
    const comment = line.split(/\s#/)[1] ?? '';
    const stated = /(?:^|;)\s*default (?:and most )?(\[[^\]]*\]|\{[^}]*\}|[^\s;,]+)/.exec(comment)?.[1];
    if (stated === undefined) return [];
    const start = offsets[index] ?? 0;
    const place = places.find(({ offset }) => offset >= start && offset < start + line.length);
    return place === undefined ? [] : [{ path: place.path, stated }];
  });
}

function noneLike(written: unknown): object {
  return isMap(written) ? {} : [];
}

interface Place {
  readonly path: readonly (string | number)[];
  /** Where the key begins. */
  readonly offset: number;
}

function placesIn(node: unknown, path: Place['path']): readonly Place[] {
  if (isSeq(node)) return node.items.flatMap((item, index) => placesIn(item, [...path, index]));
  if (!isMap(node)) return [];
  return node.items.flatMap((pair) => {
    if (!isPair(pair) || !isScalar(pair.key)) return [];
    const here = [...path, String(pair.key.value)];
    const key: Node = pair.key;
    return [{ path: here, offset: key.range?.[0] ?? 0 }, ...placesIn(pair.value, here)];
  });
}

function keysIn(data: JsonValue): readonly string[] {
  if (Array.isArray(data)) return data.flatMap(keysIn);
  return isJsonObject(data) ? Object.entries(data).flatMap(([key, value]) => [key, ...keysIn(value)]) : [];
}

/** Names of all properties, however deep. */
function schemaKeys(schema: JsonValue | undefined): readonly string[] {
  if (Array.isArray(schema)) return schema.flatMap(schemaKeys);
  if (!isJsonObject(schema)) return [];
  const { properties, items, oneOf, anyOf } = schema;
  const own = isJsonObject(properties) ? Object.entries(properties) : [];
  const nested = own.flatMap(([key, value]) => [key, ...schemaKeys(value)]);
  return [...new Set([...nested, ...[items, oneOf, anyOf].flatMap(schemaKeys)])];
}
