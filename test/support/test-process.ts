// The process that a command sees in a test: streams, signals, clock, waits and exit, all in memory.

import { randomBytes } from 'node:crypto';
import { hashPassword, providerModules } from '../../providers/index.ts';
import type { CliSeams } from '../../src/cli/run.ts';
import type { SignalName } from '../../src/cli/seams.ts';
import { readTextFile } from '../../src/files/text-file.ts';

export interface TestProcess {
  readonly seams: CliSeams;
  stdout(): string;
  stderr(): string;
  /** Lines that `serve` logged. */
  log(): readonly string[];
  signal(name: SignalName): void;
  /** Something was thrown that nobody caught. */
  crash(error: unknown): void;
  /** Lets time pass for TTLs, deadlines that are read from a clock, and circuits. */
  later(durationMs: number): void;
  /** What the program waits for now, in milliseconds. */
  waits(): readonly number[];
  /** Ends the waits of this length. */
  passWaits(durationMs: number): void;
  /** From now on nothing is waited for. */
  hurry(): void;
  /** Codes of exits that did not wait for anything. */
  exits(): readonly number[];
}

export function testProcess(env: Readonly<Record<string, string>> = {}): TestProcess {
  const [out, err, log]: string[][] = [[], [], []];
  const exits: number[] = [];
  const crashes: ((error: unknown) => void)[] = [];
  const time = steppingClock();
  const waiting = waits();
  const signals = signalBox();
  const seams: CliSeams = {
    program: 'kube-auth-broker',
    env,
    get stdin() {
      return process.stdin;
    },
    stdout: { write: (text) => void out?.push(text) },
    stderr: { write: (text) => void err?.push(text) },
    logSink: { write: (line) => void log?.push(line) },
    readFile: readTextFile,
    modules: providerModules,
    hashPassword,
    clock: time.clock,
    randomBytes,
    wait: waiting.wait,
    signals: { on: signals.on, off: signals.off, onCrash: (handler) => void crashes.push(handler) },
    exitNow: (code) => void exits.push(code),
    started: { inspector: undefined, options: [], nodeDebug: undefined },
  };
  return {
    seams,
    stdout: () => (out ?? []).join(''),
    stderr: () => (err ?? []).join(''),
    log: () => log ?? [],
    signal: signals.send,
    crash: (error) => {
      for (const handler of crashes) handler(error);
    },
    later: time.later,
    waits: waiting.pending,
    passWaits: waiting.pass,
    hurry: waiting.hurry,
    exits: () => exits,
  };
}

function steppingClock() {
  let aheadMs = 0;
  return {
    clock: { now: () => Date.now() + aheadMs, monotonicMs: () => performance.now() + aheadMs },
    later: (durationMs: number): void => {
      aheadMs += durationMs;
    },
  };
}

function waits() {
  let pending: { readonly durationMs: number; readonly done: () => void }[] = [];
  let isHurried = false;
  const pass = (holds: (durationMs: number) => boolean): void => {
    const over = pending.filter(({ durationMs }) => holds(durationMs));
    pending = pending.filter(({ durationMs }) => !holds(durationMs));
    for (const { done } of over) done();
  };
  return {
    wait: (durationMs: number): Promise<void> =>
      isHurried ? Promise.resolve() : new Promise((done) => void pending.push({ durationMs, done })),
    pending: () => pending.map(({ durationMs }) => durationMs),
    pass: (durationMs: number) => pass((candidate) => candidate === durationMs),
    hurry: (): void => {
      isHurried = true;
      pass(() => true);
    },
  };
}

function signalBox() {
  const handlers = new Map<SignalName, Set<() => void>>();
  return {
    on: (name: SignalName, handler: () => void): void => {
      handlers.set(name, (handlers.get(name) ?? new Set()).add(handler));
    },
    off: (name: SignalName, handler: () => void): void => void handlers.get(name)?.delete(handler),
    send: (name: SignalName): void => {
      for (const handler of handlers.get(name) ?? []) handler();
    },
  };
}
