// Runs login, logout and status in this process: a cache folder, a fake portal and a fake terminal for each test.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import type { CliSeams } from '../../../src/cli/seams.ts';
import { type Command, UsageError } from '../../../src/command/command.ts';
import { loginOn } from '../../../src/login/commands/login.ts';
import { logoutOn } from '../../../src/login/commands/logout.ts';
import { statusOn } from '../../../src/login/commands/status.ts';
import { type Machine, thisMachine } from '../../../src/login/machine.ts';
import { fakeTerminal } from '../../cli/setup.ts';
import { type FakePortal, type FakePortalOptions, startFakePortal } from '../../support/fake-portal.ts';
import { createSinks, type Sinks } from '../../support/sinks.ts';
import { testProcess } from '../../support/test-process.ts';

export const PASSWORD = 'Canary-pässwörd-7Q';
export const V1 = 'client.authentication.k8s.io/v1';
export const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

/** As client-go sends it. */
export function execInfo(interactive: boolean, apiVersion = V1): string {
  return JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive } });
}

export interface Given {
  /** What is typed after each prompt; absent: standard input is no terminal. */
  readonly typed?: readonly string[];
  /** What is typed at the terminal of the process while standard input is something else. */
  readonly typedAtTty?: readonly string[];
  /** `KUBERNETES_EXEC_INFO`; default as kubectl on a terminal sends it. */
  readonly execInfo?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  /** How far the clock is ahead. */
  readonly laterMs?: number;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Prompts for a password. */
  readonly prompts: number;
  readonly raw: boolean | undefined;
}

export interface LoginWorld {
  readonly portal: FakePortal;
  /** kubectl's cache folder, and the one of this program in it. */
  readonly cacheHome: string;
  readonly folder: string;
  login(given?: Given): Promise<Ran>;
  logout(given?: Given): Promise<Ran>;
  status(given?: Given): Promise<Ran>;
  /** Content of the cache files, and everything printed so far. */
  sinks(): Sinks;
  files(ending: string): readonly string[];
}

let parents = 100_000;

/** A process that nothing else of this test is a child of. */
export function newParent(): Partial<Machine> {
  parents += 1;
  return { parentPid: parents };
}

export async function loginWorld(
  t: Pick<TestContext, 'after'>,
  options: Partial<FakePortalOptions> = {},
): Promise<LoginWorld> {
  const portal = await startFakePortal({ passwords: { alice: PASSWORD, bob: 'bobs-pw' }, ...options });
  const cacheHome = mkdtempSync(join(tmpdir(), 'broker-login-'));
  t.after(async () => {
    rmSync(cacheHome, { recursive: true, force: true });
    await portal.close();
  });
  const folder = join(cacheHome, 'kube-auth-broker');
  const printed: string[] = [];
  const command =
    (make: (machine: () => Machine) => Command) =>
    async (given: Given = {}) => {
      const ran = await runOne(make, given, { portal, cacheHome });
      printed.push(ran.stdout, ran.stderr);
      return ran;
    };
  const files = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));
  return {
    portal,
    cacheHome,
    folder,
    login: command(loginOn),
    logout: command(logoutOn),
    status: command(statusOn),
    files: (ending) => files(ending).map((name) => join(folder, name)),
    sinks: () => {
      const sinks = createSinks();
      sinks.add('output', printed.join(''));
      for (const name of files('')) sinks.add(name, readFileSync(join(folder, name), 'utf8'));
      return sinks;
    },
  };
}

async function runOne(
  make: (machine: () => Machine) => Command,
  given: Given,
  { portal, cacheHome }: Pick<LoginWorld, 'portal' | 'cacheHome'>,
): Promise<Ran> {
  const env = {
    KUBECACHEDIR: cacheHome,
    KUBERNETES_EXEC_INFO: given.execInfo ?? execInfo(true),
    KUBECONFIG: '/none',
    ...given.env,
  };
  const program = testProcess(env);
  program.later(given.laterMs ?? 0);
  const terminal = fakeTerminal(given.typed ?? given.typedAtTty ?? []);
  const openTerminal: Machine['openTerminal'] = () =>
    given.typedAtTty === undefined ? undefined : { keyboard: terminal.input, close: () => undefined };
  const machine: Machine = { ...thisMachine(), startedAt: Date.now(), openTerminal, ...newParent(), ...given.machine };
  let prompts = 0;
  const seams: CliSeams = {
    ...program.seams,
    stdin: given.typed === undefined ? new PassThrough().end('not a password\n') : terminal.input,
    stderr: {
      write: (text) => {
        program.seams.stderr.write(text);
        if (text.startsWith('Password')) prompts += 1;
        if (text.endsWith(': ')) terminal.prompted();
      },
    },
  };
  const code = await make(() => machine)
    .run(given.args ?? ['--server', portal.origin, '--username', 'alice'], seams)
    .catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      seams.stderr.write(`${error.message}\n`);
      return 2;
    });
  return { code, stdout: program.stdout(), stderr: program.stderr(), prompts, raw: terminal.isRaw() };
}

interface Printed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly status: { readonly token: string; readonly expirationTimestamp?: string };
}

/** What a run that worked printed: one line and nothing else. */
export function credential({ code, stdout, stderr }: Ran): Printed {
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split('\n').length, 2);
  const printed: Printed = JSON.parse(stdout);
  return printed;
}

/** Nobody was asked, nothing came out, one line says why. */
export function assertNoToken({ code, stdout, stderr }: Ran, wantCode: number, want: RegExp): void {
  assert.deepEqual(
    { code, stdout, lines: stderr.split('\n').length },
    { code: wantCode, stdout: '', lines: 2 },
    stderr,
  );
  assert.match(stderr, want);
}
