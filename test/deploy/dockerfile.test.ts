// Holds the Dockerfile to what an image for a control plane must be; no Docker is needed to read it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, podContainer, text } from './files.ts';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const instructions: readonly Instruction[] = text('Dockerfile')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'))
  .map((line) => {
    const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return { name: name.toUpperCase(), rest };
  });

/** Stages in order; what is before the first FROM belongs to none. */
const stages = instructions.reduce<Instruction[][]>(
  (all, instruction) => {
    if (instruction.name === 'FROM') all.push([]);
    all.at(-1)?.push(instruction);
    return all;
  },
  [[]],
);
const final = stages.at(-1) ?? [];
const every = (name: string, among: readonly Instruction[] = instructions): string[] =>
  among.filter((instruction) => instruction.name === name).map(({ rest }) => rest);
const only = (name: string): string => {
  const [found = '', ...others] = every(name, final);
  assert.deepEqual(others, [], `the image has one ${name}`);
  return found;
};
const execForm = (rest: string): string[] => {
  const words: string[] = JSON.parse(rest);
  return words;
};

void describe('the Dockerfile', () => {
  void it('builds in one stage and runs in another', () => {
    assert.equal(stages.length - 1, 2);
  });

  void it('takes every image from a build argument with a default, so that a release can pin a digest', () => {
    const [given = []] = stages;
    const defaults = new Map(
      every('ARG', given).map((rest) => {
        const [name = '', image = ''] = rest.split('=');
        return [name, image] as const;
      }),
    );
    for (const from of every('FROM')) {
      const name = /^(?:--platform=\$BUILDPLATFORM )?\$\{(\w+)\}(?: AS \w+)?$/.exec(from)?.[1] ?? '';
      assert.match(defaults.get(name) ?? '', /^[\w./-]+:[\w.-]+$/, `FROM ${from}`);
      assert.doesNotMatch(defaults.get(name) ?? '', /:latest$/);
    }
  });

  void it('runs on Node 24 in both stages', () => {
    for (const image of every('ARG', stages[0])) assert.match(image, /node(?:js)?:?24/);
  });

  void it('builds once for all architectures, and runs on each', () => {
    const [build = '', runtime = ''] = every('FROM');
    assert.match(build, /^--platform=\$BUILDPLATFORM /);
    assert.doesNotMatch(runtime, /--platform/);
  });

  void it('needs no shell anywhere', () => {
    for (const name of ['RUN', 'CMD', 'ENTRYPOINT']) {
      for (const rest of every(name)) assert.doesNotThrow(() => execForm(rest), `${name} ${rest}`);
    }
    assert.deepEqual(every('SHELL'), []);
    assert.deepEqual(every('RUN', final), [], 'the image itself has no shell to run anything with');
  });

  void it('runs as a user that Kubernetes can see is not root, the one of the pod', () => {
    const user = only('USER');
    assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
    assert.equal(user, '65532:65532');
    assert.ok(final.findIndex(({ name }) => name === 'USER') > final.findLastIndex(({ name }) => name === 'COPY'));
  });

  void it('belongs to root, so that the program cannot change itself', () => {
    for (const rest of every('COPY', final)) assert.match(rest, /--chown=0:0/);
  });

  void it('starts what `npm start` starts, without the signal that opens the inspector', () => {
    const [node = '', ...rest] = execForm(only('ENTRYPOINT'));
    assert.match(node, /^\/.*\/node$/);
    assert.deepEqual(rest, ['--disable-sigusr1', '/app/kube-auth-broker.mjs']);
  });

  void it('serves the configuration at the place that the pod mounts', () => {
    assert.deepEqual(execForm(only('CMD')), at(podContainer(), 'args'));
  });

  void it('is stopped by the signal that drains', () => assert.equal(only('STOPSIGNAL'), 'SIGTERM'));

  void it('adds nothing from the internet by itself', () => {
    assert.deepEqual(every('ADD'), []);
    assert.deepEqual(
      every('COPY', final).filter((rest) => !rest.includes('--from=build')),
      [],
    );
  });

  void it('installs what the lockfile says, and lets no install script run', () => {
    assert.deepEqual(execForm(every('RUN')[0] ?? '[]'), ['npm', 'ci', '--ignore-scripts']);
    assert.match(every('COPY', stages[1])[0] ?? '', /^package\.json package-lock\.json /);
  });

  void it('is sent only what it copies', () => {
    const copied = every('COPY', stages[1]).flatMap((rest) => rest.split(' ').slice(0, -1));
    const sent = text('Dockerfile.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    assert.deepEqual(sent.toSorted(), copied.toSorted());
    assert.match(text('Dockerfile.dockerignore'), /^\*$/m);
  });
});
