// `verify`: on a control-plane node, goes the way that kube-apiserver goes with the very file that it reads.

import { EXIT } from '../command/command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions, required } from '../command/options.ts';
import { readSecret } from '../command/secret-input.ts';
import { printable } from '../text/printable.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { collected, MARKS, stepLine } from './steps.ts';
import { certificateFindings } from './verify/certificate.ts';
import { conclusion, type Finding, isFailed, ok, warning } from './verify/finding.ts';
import { type Kubeconfig, readKubeconfig } from './verify/kubeconfig.ts';
import { connected, resolved, resolveHere } from './verify/reach.ts';
import { type Asked, strangerFinding, tokenFinding, versionFindings } from './verify/reviews.ts';
import { hostOf, portOf, type Target } from './verify/target.ts';

const HELP = `Tells whether kube-apiserver can use a webhook kubeconfig: run it on a control-plane node, with the very file.

Usage: kube-auth-broker verify --kubeconfig FILE [--audience A]... [--token-stdin] [-o text|json]

  --kubeconfig FILE     the file of --authentication-token-webhook-config-file
  --audience A          an audience to ask for, as kube-apiserver asks for its --api-audiences; may be repeated
  --token-stdin         also asks about a token from standard input
  -o, --output FORMAT   text (default), or json: {"server","steps"}

It resolves the name with this node's resolver, connects, checks the certificate as Go does, and posts TokenReviews of both
versions with a random token that nobody owns. It goes directly, whatever proxy the environment names.

Exit codes: 0 all good, 1 a step failed, 2 wrong usage or a kubeconfig that cannot be read,
            3 the broker or one of its upstreams was unavailable.
`;

export const verify: CliCommand = {
  name: 'verify',
  summary: 'check on a node that kube-apiserver can use its webhook kubeconfig',
  help: HELP,
  run: async (args, seams) => {
    const options = parseOptions(args, {
      kubeconfig: { type: 'string' },
      audience: { type: 'string', multiple: true, default: [] },
      'token-stdin': { type: 'boolean', default: false },
      output: OUTPUT,
    });
    const format = outputFormat(options.output, ['text', 'json']);
    const file = required(options.kubeconfig, '--kubeconfig');
    const read = readKubeconfig(file, seams.readFile);
    if (!read.ok) {
      for (const fault of read.faults) seams.stderr.write(`${MARKS.failed} ${printable(`${file}: ${fault}`)}\n`);
      return EXIT.usage;
    }
    const token = options['token-stdin'] ? await readSecret('Token: ', seams) : undefined;
    const found = findings(
      read.kubeconfig,
      { audiences: options.audience, ...(token !== undefined && { token }) },
      seams,
    );
    return format === 'json' ? asJson(read.kubeconfig, found, seams) : asText(read.kubeconfig, found, seams);
  },
};

async function asText(kubeconfig: Kubeconfig, found: AsyncIterable<Finding>, { stdout }: CliSeams): Promise<number> {
  stdout.write(
    `kube-apiserver calls POST ${printable(addressOf(kubeconfig))} (context ${printable(kubeconfig.context)})\n`,
  );
  const all = await collected(found, (finding) => stdout.write(`${stepLine(finding)}\n`));
  const { code, sentence } = conclusion(all);
  stdout.write(`\n${sentence}\n`);
  return code;
}

async function asJson(kubeconfig: Kubeconfig, found: AsyncIterable<Finding>, { stdout }: CliSeams): Promise<number> {
  const steps = await collected(found);
  stdout.write(jsonText({ server: addressOf(kubeconfig), steps }));
  return conclusion(steps).code;
}

/** Without the user that a URL may have. */
function addressOf({ url }: Kubeconfig): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

interface Wanted {
  readonly audiences: readonly string[];
  readonly token?: string;
}

/** Every step in order; ends with the one after which kube-apiserver would get no further. */
async function* findings(
  kubeconfig: Kubeconfig,
  { audiences, token }: Wanted,
  seams: CliSeams,
): AsyncGenerator<Finding> {
  yield ok('kubeconfig', 'read as kube-apiserver does');
  for (const text of kubeconfig.warnings) yield warning('kubeconfig', text);
  const { finding: name, addresses } = await resolved(hostOf(kubeconfig), seams.resolveHost ?? resolveHere);
  yield name;
  if (addresses.length === 0) return;
  const { finding: connection, address } = await connected(addresses, portOf(kubeconfig));
  yield connection;
  if (address === undefined) return;
  const target: Target = { kubeconfig, address, port: portOf(kubeconfig) };
  const nowMs = seams.clock.now();
  const isTls = kubeconfig.url.protocol === 'https:';
  const certificate = isTls ? await certificateFindings(target, nowMs) : [];
  yield* certificate;
  if (certificate.some(isFailed)) return;
  const asked: Asked = { target, audiences, nobodys: `verify-${seams.randomBytes(24).toString('base64url')}` };
  const versions = await versionFindings(asked);
  yield* versions;
  if (versions.some(isFailed)) return;
  if (isTls) yield await strangerFinding(asked, nowMs);
  if (token !== undefined) yield await tokenFinding(token, asked);
}
