// What would show the passwords in this process to somebody else: `serve` does not start with it.

/** How the process was started. */
export interface Started {
  /** Where a debugger may attach; undefined: nowhere. */
  readonly inspector: string | undefined;
  /** Options of Node.js, from the command line and from `NODE_OPTIONS`. */
  readonly options: readonly string[];
  /** `NODE_DEBUG`: parts of Node.js that print what they send and receive. */
  readonly nodeDebug: string | undefined;
}

const REVEALING = /^--(?:tls-keylog|heapsnapshot-signal|heapsnapshot-near-heap-limit)(?:=|$)/;

/** The sentence for whoever started it so; undefined when nothing is shown. */
export function exposureOf({ inspector, options, nodeDebug }: Started): string | undefined {
  if (inspector !== undefined) {
    return 'a debugger could read every password in memory; start it without --inspect, also in NODE_OPTIONS';
  }
  const revealing = options.find((option) => REVEALING.test(option));
  if (revealing !== undefined) {
    return `${revealing.split('=')[0]} would write secrets to a file; start it without, also in NODE_OPTIONS`;
  }
  if (nodeDebug === undefined || nodeDebug === '') return undefined;
  return 'Node.js would print what it sends and receives; unset NODE_DEBUG';
}
