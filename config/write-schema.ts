// Writes broker.schema.json beside this file; run by `npm run schema`, and proven current by a test.

import { writeFileSync } from 'node:fs';
import { providerModules } from '../providers/index.ts';
import { configJsonSchema } from '../src/settings/json-schema.ts';

const schema = `${JSON.stringify(configJsonSchema(providerModules), undefined, 2)}\n`;
writeFileSync(new URL('broker.schema.json', import.meta.url), schema);
