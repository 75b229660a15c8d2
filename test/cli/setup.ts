// Runs one command in this process: standard input from a text or a terminal, everything it prints collected and searched.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { stringify } from 'yaml';
import { type CliSeams, runCli } from '../../src/cli/run.ts';
import type { Input } from '../../src/command/command.ts';
import { createSinks, type Sinks } from '../support/sinks.ts';
import { testProcess } from '../support/test-process.ts';

export interface Given {
  /** Piped in; default nothing. */
  readonly stdin?: string | Buffer;
  /** Typed on a terminal, one after each prompt. */
  readonly typed?: readonly string[];
  readonly seams?: Partial<CliSeams>;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Has both outputs. */
  readonly sinks: Sinks;
  /** Raw mode of the terminal at the end. */
  readonly raw: boolean | undefined;
}

export async function run(argv: readonly string[], given: Given = {}): Promise<Ran> {
  const program = testProcess();
  const terminal = given.typed === undefined ? undefined : fakeTerminal(given.typed);
  const { stderr } = program.seams;
  const seams: CliSeams = {
    ...program.seams,
    ...given.seams,
    stdin: terminal?.input ?? piped(given.stdin ?? ''),
    stderr: {
      write: (text) => {
        stderr.write(text);
        if (text.endsWith(': ')) terminal?.prompted();
      },
    },
  };
  const code = await runCli(argv, seams);
  const sinks = createSinks();
  sinks.add('stdout', program.stdout());
  sinks.add('stderr', program.stderr());
  return { code, stdout: program.stdout(), stderr: program.stderr(), sinks, raw: terminal?.isRaw() };
}

function piped(text: string | Buffer): Input {
  const stream = new PassThrough();
  stream.end(text);
  return stream;
}

export interface Terminal {
  readonly input: Input;
  /** Somebody types the next text. */
  prompted(): void;
  isRaw(): boolean | undefined;
}

export function fakeTerminal(typed: readonly string[]): Terminal {
  const stream = new PassThrough();
  const left = [...typed];
  let raw: boolean | undefined;
  const input = Object.assign(stream, {
    isTTY: true,
    setRawMode: (next: boolean) => {
      raw = next;
    },
  });
  return { input, prompted: () => void stream.write(left.shift() ?? '\r'), isRaw: () => raw };
}

/** A folder for one test; names are relative to it, objects are written as YAML. */
export function folderWith(t: Pick<TestContext, 'after'>, files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'broker-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : stringify(content));
  }
  return folder;
}

/** A configuration file with these sections. */
export function brokerYaml(sections: {
  readonly providers: readonly object[];
  readonly [name: string]: unknown;
}): object {
  return { apiVersion: 'kube-auth-broker/v1', kind: 'BrokerConfiguration', ...sections };
}
