// Nobody keeps a password in a kubeconfig: real kubectl, a real kube-apiserver, and the broker's login between them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { spellingsIn } from '../../support/sinks.ts';
import { waitFor } from '../rig/wait.ts';
import { type LoginWorld, PASSWORD, type Person, startLoginWorld, WHOAMI } from './login-plugin-world.ts';
import { program, requirePrograms } from './programs.ts';

const TYPED = `${PASSWORD}\r`;
const WRONG = ['Canary-wrong-1\r', 'Canary-wrong-2\r', 'Canary-wrong-3\r', 'Canary-wrong-4\r'];
const LIST = ['kubectl', 'get', 'namespaces'];

void describe('kubectl with the login plugin', { skip: requirePrograms('kube-apiserver', 'etcd', 'kubectl') }, () => {
  let world: LoginWorld;
  before(async () => {
    world = await startLoginWorld();
  });
  after(() => world?.stop());

  const asked = (result: string) => world.broker.metric('authbroker_tokens_issued_total', { result });

  for (const version of ['v1', 'v1beta1'] as const) {
    void it(`${version}: the first command asks once, the next ones do not`, async () => {
      const alice = world.person(version);
      const first = await alice.atTerminal([WHOAMI], [TYPED]);
      assert.deepEqual(first.results, [{ status: 0, stdout: 'demo:alice' }], first.terminal);
      assert.equal(first.prompts, 1);
      const second = await alice.atTerminal([WHOAMI]);
      assert.deepEqual(second, { results: [{ status: 0, stdout: 'demo:alice' }], terminal: '', prompts: 0 });
      const piped = await alice.withoutTerminal(WHOAMI);
      assert.deepEqual(piped, { exitCode: 0, stdout: 'demo:alice', stderr: '' });
    });
  }

  void it('a revoked token is replaced on the next command', async () => {
    const alice = world.person();
    await alice.atTerminal([WHOAMI], [TYPED]);
    const token = alice.token();
    assert.equal(await world.revoke(token), 204);
    const next = await alice.atTerminal([WHOAMI], [TYPED]);
    assert.deepEqual([next.results[0]?.stdout, next.prompts], ['demo:alice', 1], next.terminal);
    assert.notEqual(alice.token(), token);
  });

  void it('a wrong password asks again twice at most, however often kubectl runs the plugin', async () => {
    const alice = world.person();
    const earlier = await asked('refused');
    const { results, terminal, prompts } = await alice.atTerminal([LIST], WRONG);
    assert.equal((await asked('refused')) - earlier, 3);
    assert.equal(results[0]?.status, 1);
    assert.equal(prompts, 3, terminal);
    assert.match(terminal, /not signed in to https:/);
    assert.ok(terminal.split('asked for a moment ago').length > 1, 'kubectl did run it again');
  });

  void it('Ctrl-C ends the question, and kubectl with it', async () => {
    const { results, terminal, prompts } = await world.person().atTerminal([LIST], ['half\u0003', TYPED]);
    assert.deepEqual([results[0]?.status, prompts], [1, 1], terminal);
  });

  void it('by hand, with standard input from elsewhere, the terminal is asked', async () => {
    const alice = world.person();
    const login = alice.program('login', '--username', 'alice').join(' ');
    const { results, terminal, prompts } = await alice.atTerminal([['sh', '-c', `${login} < /dev/null`]], [TYPED]);
    assert.deepEqual([results[0]?.status, prompts], [0, 1], terminal);
    assert.match(results[0]?.stdout ?? '', /^\{"apiVersion":"client.authentication.k8s.io\/v1",.*\}\n$/);
    assert.doesNotMatch(terminal, /Canary/);
  });

  void it('the third password may be right', async () => {
    const { results, prompts } = await world.person().atTerminal([WHOAMI], [...WRONG.slice(0, 2), TYPED]);
    assert.deepEqual([results[0]?.stdout, prompts], ['demo:alice', 3]);
  });

  void it('20 kubectl at once on a cold cache cause one sign-in', async () => {
    const earlier = await asked('issued');
    const alice = world.person();
    const commands = Array.from({ length: 20 }, () => WHOAMI);
    const { results, prompts, terminal } = await alice.atTerminal(commands, [TYPED, TYPED]);
    assert.deepEqual(new Set(results.map(({ stdout }) => stdout)), new Set(['demo:alice']), terminal);
    assert.deepEqual([prompts, (await asked('issued')) - earlier], [1, 1]);
  });

  const silent = [
    { name: 'there is no terminal', mode: 'IfAvailable' },
    { name: 'the kubeconfig says never', mode: 'Never' },
  ] as const;
  for (const { name, mode } of silent) {
    void it(`${name}: one line for each run of the plugin, and no question`, async () => {
      const { exitCode, stderr } = await world.person('v1', mode).withoutTerminal(WHOAMI);
      assert.equal(exitCode, 1);
      assert.match(stderr, /kube-auth-broker login: not signed in to https:\S+, and there is no terminal .*\n/);
      assert.doesNotMatch(stderr, /Password/);
    });
  }

  void it('after logout the token is good for nothing, and the next command asks', async () => {
    const alice = world.person();
    await alice.atTerminal([WHOAMI], [TYPED]);
    const token = alice.token();
    const printed = await alice.withoutTerminal(alice.program('status', '-o', 'json'));
    const { state, username }: { readonly state: string; readonly username: string } = JSON.parse(printed.stdout);
    assert.deepEqual([state, username], ['signed-in', 'demo:alice']);
    const logout = await alice.withoutTerminal(alice.program('logout'));
    assert.deepEqual([logout.exitCode, logout.stderr], [0, '']);
    // kube-apiserver remembers a token that was good for 10 s, whatever its flags say.
    await waitFor('the token to be refused', async () => {
      const { status } = await world.plane.kubectl(['auth', 'whoami'], { token });
      return status === 1 || undefined;
    });
    assert.equal((await alice.atTerminal([WHOAMI], [TYPED])).prompts, 1);
  });

  void it('the password is in no file, argument, environment, terminal or shell history', async () => {
    const alice = world.person();
    const history = join(alice.home, 'history');
    const shell = ['bash', '--norc', '-i', '-c', `HISTFILE=${history}; set -o history; ${shellScript()}`];
    const seen = watchProcesses(alice);
    const { results, terminal } = await alice.atTerminal([shell], [WRONG[0] ?? '', TYPED]);
    const everywhere = [...seen.stop(), { path: 'terminal', text: terminal }, ...alice.files()];
    assert.deepEqual(results[0]?.stdout, 'demo:alice', terminal);
    assert.ok(seen.processes() >= 2, 'kubectl and its plugin were seen');
    assert.match(readFileSync(history, 'utf8'), /whoami/);
    const leaks = everywhere.flatMap(({ path, text }) =>
      [PASSWORD, 'Canary-wrong-1'].flatMap((secret) => spellingsIn(text, secret).map((how) => `${path}: ${how}`)),
    );
    assert.deepEqual(leaks, []);
    const open = alice.files().filter(({ path }) => path.includes('kube-auth-broker'));
    assert.deepEqual(new Set(open.map(({ path }) => statSync(path).mode & 0o777)), new Set([0o600]));
    const log = [world.broker.output(), readFileSync(world.plane.logFile, 'utf8')].join('');
    assert.deepEqual(spellingsIn(log, PASSWORD), []);
  });
});

/** What a person types: the shell writes it to its history. */
function shellScript(): string {
  const command = WHOAMI.map((word) => (word === 'kubectl' ? program('kubectl') : `'${word}'`)).join(' ');
  return `history -s "${command}"; ${command}; history -w`;
}

/** Reads arguments and environment of every process below this one that belongs to this person, again and again. */
function watchProcesses({ home }: Person) {
  const seen = new Map<string, string>();
  const look = setInterval(() => {
    for (const pid of descendants(String(process.pid))) {
      const text = ['cmdline', 'environ'].map((name) => readable(`/proc/${pid}/${name}`)).join('\n');
      if (text.includes(home)) seen.set(`${pid} ${text.length}`, text);
    }
  }, 20);
  return {
    processes: () => seen.size,
    stop: () => {
      clearInterval(look);
      return [...seen].map(([pid, text]) => ({ path: `process ${pid}`, text }));
    },
  };
}

function descendants(pid: string): readonly string[] {
  const threads = threadsOf(pid);
  const children = threads.flatMap((thread) => readable(`/proc/${pid}/task/${thread}/children`).match(/\d+/g) ?? []);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function threadsOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readable(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
