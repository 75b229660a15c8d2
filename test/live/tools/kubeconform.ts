// Checks manifests against the schemas of the kube-apiserver that the live tests build, without starting it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../apiserver/programs.ts';
import { type CommandResult, run } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temp.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Definition {
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

let schemas: string | undefined;

/**
 * Runs kubeconform over YAML documents: exit code 0 when all are valid. A field that Kubernetes does not know is an
 * error; so is a kind it does not know (custom resources), unless `skipKinds` names it.
 */
export function kubeconform(manifests: string, skipKinds: readonly string[] = []): Promise<CommandResult> {
  schemas ??= writeSchemas(temporaryFolder('schemas'));
  const location = join(schemas, '{{.ResourceKind}}{{.KindSuffix}}.json');
  const skip = skipKinds.length > 0 ? ['-skip', skipKinds.join(',')] : [];
  const args = ['-summary', '-schema-location', location, ...skip, '-'];
  return run(program('kubeconform'), args, { input: manifests });
}

/** One file for each kind, named as kubeconform asks for it, into definitions that allow no unknown field. */
function writeSchemas(folder: string): string {
  const { definitions }: { definitions: Record<string, Definition> } = JSON.parse(
    readFileSync(program('openapi'), 'utf8'),
    (_key, value: Json) => strict(value),
  );
  const file = '_definitions.json';
  const quantity = { type: ['string', 'number'] };
  writeFileSync(join(folder, file), JSON.stringify({ definitions: { ...definitions, [QUANTITY]: quantity } }));
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const suffix = [kind, group.split('.')[0] ?? '', version].filter((part) => part !== '').join('-');
      const schema = { $ref: `${file}#/definitions/${name}` };
      writeFileSync(join(folder, `${suffix.toLowerCase()}.json`), JSON.stringify(schema));
    }
  }
  return folder;
}

/** OpenAPI says `format: int-or-string` where JSON Schema needs two types, and leaves unknown fields open. */
function strict(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const schema = Object.fromEntries(Object.entries(value));
  if (schema['format'] === 'int-or-string') return { type: ['string', 'integer'] };
  const hasFields = typeof schema['properties'] === 'object' && schema['type'] === 'object';
  return hasFields ? { additionalProperties: false, ...schema } : value;
}
