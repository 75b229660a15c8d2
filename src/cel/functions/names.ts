// Every function that an expression may call; what is not listed here cannot be compiled, whatever cel-js brings.

/** Groups as they stand in the reference page. */
export const FUNCTION_NAMES = {
  conversion: ['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint'],
  macro: ['has', 'all', 'exists', 'exists_one', 'filter', 'map', 'bind'],
  size: ['size'],
  string: [
    'contains',
    'startsWith',
    'endsWith',
    'matches',
    'charAt',
    'indexOf',
    'lastIndexOf',
    'join',
    'split',
    'substring',
    'replace',
    'trim',
    'lowerAscii',
    'upperAscii',
    'reverse',
    'format',
    'quote',
  ],
  list: ['isSorted', 'sum', 'min', 'max', 'distinct', 'sort', 'slice', 'flatten'],
  set: ['equivalent', 'intersects'],
  optional: ['of', 'none', 'ofNonZeroValue', 'hasValue', 'value', 'or', 'orValue', 'optMap', 'optFlatMap'],
  time: [
    'getDate',
    'getDayOfMonth',
    'getDayOfWeek',
    'getDayOfYear',
    'getFullYear',
    'getMonth',
    'getHours',
    'getMinutes',
    'getSeconds',
    'getMilliseconds',
  ],
} as const;

export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set(Object.values(FUNCTION_NAMES).flat());

/** Functions of cel-js that differ from CEL; calls of them go to our own, which have two underscores in front. */
export const REPLACED_FUNCTIONS: ReadonlySet<string> = new Set([
  'matches',
  'indexOf',
  'lastIndexOf',
  'join',
  'split',
  'substring',
  'trim',
  'lowerAscii',
  'upperAscii',
]);
