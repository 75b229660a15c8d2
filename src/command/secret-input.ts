// Reads a password or token: from a terminal without showing it, else from standard input.

import { StringDecoder } from 'node:string_decoder';
import { type CommandSeams, type Input, Interrupted, UsageError } from './command.ts';

/** More than any token: `limits.tokenBytes` ends at 1 MiB. */
const MAX_BYTES = 4 * 1024 * 1024;

type Streams = Pick<CommandSeams, 'stdin' | 'stderr'>;

/**
 * What was typed after `prompt`, or all of standard input without one trailing newline; empty when there was nothing.
 * {@link Interrupted} after Ctrl-C, {@link UsageError} for input beyond 4 MiB.
 */
export function readSecret(prompt: string, { stdin, stderr }: Streams): Promise<string> {
  if (stdin.isTTY !== true) return readAll(stdin);
  stderr.write(prompt);
  return typedLine(stdin).finally(() => stderr.write('\n'));
}

/** As {@link readSecret}; a password is one line that is not empty. */
export async function readPassword(prompt: string, streams: Streams): Promise<string> {
  const password = await readSecret(prompt, streams);
  if (password === '') throw new UsageError('there is no password: type it on a terminal, or pipe it in');
  if (/[\r\n]/.test(password)) throw new UsageError('the password has more than one line');
  return password;
}

/** All of standard input without one trailing newline; {@link UsageError} beyond 4 MiB. */
export async function readAll(stdin: Input): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new UsageError('standard input has more than 4 MiB');
    chunks.push(part);
  }
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
}

/** The terminal is left as it was, and what was typed ahead stays for the next prompt. */
function typedLine(stdin: Input): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  return new Promise<string>((resolve, reject) => {
    const finish = (settle: () => void): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.setRawMode?.(false);
      stdin.pause();
      settle();
    };
    const onEnd = (): void => finish(() => resolve(line));
    const onData = (chunk: Buffer | string): void => {
      const edited = edit(line, typeof chunk === 'string' ? chunk : decoder.write(chunk));
      line = edited.line;
      if (edited.ending === 'interrupted') finish(() => reject(new Interrupted('interrupted')));
      if (edited.ending !== 'entered') return;
      finish(() => resolve(line));
      if (edited.rest !== '') stdin.unshift(edited.rest);
    };
    stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
  });
}

interface Edited {
  readonly line: string;
  readonly ending?: 'entered' | 'interrupted';
  readonly rest: string;
}

const ESCAPE = '\u001b';

/** What a terminal's own line editing does: Enter, Ctrl-C, Ctrl-D, backspace, Ctrl-U; the arrow keys do nothing. */
function edit(before: string, keys: string): Edited {
  let line = before;
  let read = 0;
  for (const key of keys) {
    read += key.length;
    if (key === '\r' || key === '\n' || key === '\u0004') return { line, ending: 'entered', rest: keys.slice(read) };
    if (key === '\u0003') return { line, ending: 'interrupted', rest: '' };
    if (key === ESCAPE) break;
    if (key === '\u0015') line = '';
    else if (key === '\u007f' || key === '\b') line = Array.from(line).slice(0, -1).join('');
    else line += key;
  }
  return { line, rest: '' };
}
