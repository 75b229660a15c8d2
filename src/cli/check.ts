// `check`: is this configuration right, and with `--connect` are its upstreams what it says they are.

import { resolve } from 'node:path';
import { EXIT } from '../command/command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions, required } from '../command/options.ts';
import { readAll } from '../command/secret-input.ts';
import type { Config } from '../settings/config.ts';
import type { Diagnostic } from '../settings/issue.ts';
import { formatDuration } from '../text/duration.ts';
import { connectAll } from './check/connect.ts';
import { finding, type Probed, probedLines } from './check/probed.ts';
import { load, loadOrPrint } from './configuration.ts';
import { authenticatedFor, authenticatedWords, issuedLifetime, type Remembered } from './remembered.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { collected, inColour, MARKS } from './steps.ts';

const HELP = `Checks a configuration, and on request every upstream in it.

Usage: kube-auth-broker check (--config FILE | -) [--connect] [-o text|json]

  --config FILE         the configuration (YAML); - alone, or as FILE, is standard input, whose relative file names are
                        those of the current folder
  --connect             also try every upstream step by step: resolve, connect, TLS, service bind, base DNs, discovery,
                        client authentication; nobody's password or token is needed, and each provider has 10s
  -o, --output FORMAT   text (default), or json: {"valid","errors","warnings","endpoints","staleness","signIn",
                        "providers"}

Errors go to stderr as file:line:column: path: message, all of them at once, and warnings as warning: message;
with -o json both are part of the result.

Exit codes: 0 all good, 1 an upstream is not what the configuration says, 2 the configuration has errors,
            3 an upstream was unavailable.
`;

export const check: CliCommand = {
  name: 'check',
  summary: 'check a configuration, and with --connect its upstreams',
  help: HELP,
  run: async (args, seams) => {
    const options = parseOptions(withStdin(args), {
      config: { type: 'string' },
      connect: { type: 'boolean', default: false },
      output: OUTPUT,
    });
    const file = required(options.config, '--config');
    const format = outputFormat(options.output, ['text', 'json']);
    const [name, sources] = file === '-' ? await fromStdin(seams) : [file, seams];
    return format === 'json' ? asJson(name, options.connect, sources) : asText(name, options.connect, sources);
  },
};

/** `check -` is what other programs take for a file that is piped in. */
function withStdin(args: readonly string[]): readonly string[] {
  const place = args.findIndex((arg, index) => arg === '-' && args[index - 1] !== '--config');
  return place === -1 ? args : args.toSpliced(place, 1, '--config', '-');
}

const STDIN = '<stdin>';

/** Standard input as a file of the current folder, which nobody can have there under this name by accident. */
async function fromStdin(seams: CliSeams): Promise<[string, CliSeams]> {
  const text = await readAll(seams.stdin);
  const path = resolve(STDIN);
  return [STDIN, { ...seams, readFile: (file) => (file === path ? text : seams.readFile(file)) }];
}

async function asText(file: string, connect: boolean, seams: CliSeams): Promise<number> {
  const config = loadOrPrint(file, seams, { demandsState: true });
  if (config === undefined) return EXIT.usage;
  const write = (text: string): unknown => seams.stdout.write(inColour(text, seams.stdout, seams));
  write(
    [summary(file, config), ...lockoutLines(config), ...redirectLines(config)]
      .map(
        (line) => `${line}
`,
      )
      .join(''),
  );
  if (!connect) return EXIT.done;
  const all = await collected(connectAll(config, seams), (probed) => write(probedLines(probed)));
  const { code, sentence } = finding(all);
  write(`\n${sentence}\n`);
  return code;
}

/** `√ broker.yaml is valid: /authenticate asks corp-ldap (ldap); …` */
function summary(file: string, config: Config): string {
  const asks = endpointsOf(config).map(({ path, providers }) => {
    return `${path} asks ${providers.map(({ name, type }) => `${name} (${type})`).join(', ')}`;
  });
  const worst = authenticatedWords(stalenessOf(config));
  return `${MARKS.ok} ${file} is valid: ${asks.join('; ')}; a user removed upstream may still get in for ${worst}`;
}

/** What a directory must allow; nothing where every provider of passwords is local. */
function lockoutLines({ providers, limits }: Config): readonly string[] {
  const { max, windowMs } = limits.failedPasswords;
  const asking = providers.filter(({ accepts, upstream }) => accepts.includes('password') && !upstream?.module.local);
  if (asking.length === 0) return [];
  const times = `times the brokers${asking.length > 1 ? ', and times the upstreams in front of the same accounts' : ''}`;
  return [
    `  failed passwords: up to ${max + 1} in ${formatDuration(windowMs)} reach an account (${asking.map(({ name }) => name).join(', ')}); its lockout threshold must be above that, ${times}`,
  ];
}

/** What has to be registered at each OpenID provider. */
function redirectLines({ portal }: Config): readonly string[] {
  return (portal?.oidc ?? []).map(({ name, redirectURL }) => `  redirect address of ${name}: ${redirectURL.href}`);
}

function stalenessOf(config: Config): Remembered {
  return authenticatedFor(config.cache, { issuedMs: issuedLifetime(config, config.webhook.endpoints) });
}

async function asJson(file: string, connect: boolean, seams: CliSeams): Promise<number> {
  const loaded = load(file, seams, { demandsState: true });
  if (!loaded.ok) {
    seams.stdout.write(jsonText(invalid(loaded.errors)));
    return EXIT.usage;
  }
  const { config } = loaded;
  const providers = connect ? await collected(connectAll(config, seams)) : undefined;
  const result: CheckResult = {
    valid: true,
    errors: [],
    warnings: config.warnings,
    endpoints: endpointsOf(config),
    staleness: stalenessOf(config),
    ...(config.portal?.oidc && {
      signIn: config.portal.oidc.map(({ name, redirectURL }) => ({ name, redirectURL: redirectURL.href })),
    }),
    ...(providers && { providers }),
  };
  seams.stdout.write(jsonText(result));
  return providers === undefined ? EXIT.done : finding(providers).code;
}

/** What `-o json` prints; names are stable, members may be added. */
interface CheckResult {
  readonly valid: boolean;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly string[];
  readonly endpoints?: readonly EndpointSummary[];
  /** Worst case of a user that was removed upstream, in milliseconds. */
  readonly staleness?: Remembered;
  /** OpenID providers of the portal; what has to be registered there. */
  readonly signIn?: readonly { readonly name: string; readonly redirectURL: string }[];
  /** Only with `--connect`. */
  readonly providers?: readonly Probed[];
}

function invalid(errors: readonly Diagnostic[]): CheckResult {
  return { valid: false, errors, warnings: [] };
}

interface EndpointSummary {
  readonly path: string;
  readonly providers: readonly { readonly name: string; readonly type: string }[];
}

function endpointsOf({ webhook, providers }: Config): EndpointSummary[] {
  const types = new Map(providers.map(({ name, type }) => [name, type]));
  return webhook.endpoints.map(({ path, providers: names }) => ({
    path,
    providers: names.map((name) => ({ name, type: types.get(name) ?? '' })),
  }));
}
