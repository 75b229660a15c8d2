// The code of an error, the only part of a foreign error that is ever shown: its message may quote what was sent.

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, …: of the error, of the first part of an aggregate, or of its cause; else undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  return error instanceof Error ? errorCode(error.cause) : undefined;
}

/** The code, else the name of the error's class; for what was thrown and is no error, `unknown error`. */
export function errorWord(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.name : 'unknown error');
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a file is where its folder should be',
  EFBIG: 'it is larger than 16 MiB',
  'UTF-16': 'it is UTF-16; save it as UTF-8',
  'NOT-UTF-8': 'it is not UTF-8; save it as UTF-8',
};

/** The file-system error in words; never the content. */
export function whyUnreadable(error: unknown): string {
  const code = errorWord(error);
  return UNREADABLE[code] ?? code;
}
