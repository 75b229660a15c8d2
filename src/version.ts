// What this program is: the version of package.json.

import pkg from '../package.json' with { type: 'json' };

export const VERSION: string = pkg.version;
