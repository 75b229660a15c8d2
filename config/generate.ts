// Writes the pages that the code knows better: broker.schema.json and reasons.md; proven current by tests.

import { writeFileSync } from 'node:fs';
import { providerModules } from '../providers/index.ts';
import { configJsonSchema } from '../src/settings/schema.ts';
import { reasonsPage } from './reasons-page.ts';

const write = (name: string, text: string): void => writeFileSync(new URL(name, import.meta.url), text);

write('broker.schema.json', `${JSON.stringify(configJsonSchema(providerModules), undefined, 2)}\n`);
write('reasons.md', reasonsPage());
