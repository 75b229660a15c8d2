// The JSON Schema of the configuration file, for editors; generated from the very schema that loads it.

import { z } from 'zod';
import { createFields } from './fields.ts';
import type { AnyProviderModule } from './provider-module.ts';
import { configSchema } from './schema.ts';

const SCHEMA_ID = 'broker.schema.json';

/** Draft 2020-12 of what may be written, not of what it becomes. Reads no file and no environment. */
export function configJsonSchema(modules: readonly AnyProviderModule[]): object {
  const fields = createFields({ dir: '/', env: {}, readFile: () => '', seen: () => undefined });
  const schema = z.toJSONSchema(configSchema({ fields, modules, nowMs: 0 }), { io: 'input', unrepresentable: 'any' });
  return { ...schema, $id: SCHEMA_ID, title: 'Configuration of kube-auth-broker' };
}
