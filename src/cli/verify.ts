// `verify`: on a control-plane node, goes the way that kube-apiserver goes with the very file that it reads.

import { EXIT } from '../command/command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions, required } from '../command/options.ts';
import { readSecret } from '../command/secret-input.ts';
import { printable } from '../text/printable.ts';
import { hostOf, type Proxy, ProxyFault, portOf } from '../upstream/http/proxy.ts';
import { type Kubeconfig, readKubeconfig } from '../upstream/kubernetes/kubeconfig.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { collected, inColour, MARKS, stepLine } from './steps.ts';
import { certificateFindings } from './verify/certificate.ts';
import { conclusion, type Finding, failed, isFailed, ok, warning } from './verify/finding.ts';
import { connected, connectedThrough, resolved, resolveHere } from './verify/reach.ts';
import { type Asked, strangerFinding, tokenFinding, versionFindings } from './verify/reviews.ts';
import { proxyOf, type Target } from './verify/target.ts';

const HELP = `Tells whether kube-apiserver can use a webhook kubeconfig: run it on a control-plane node, with the very file.

Usage: kube-auth-broker verify --kubeconfig FILE [--audience A]... [--token-stdin] [-o text|json]

  --kubeconfig FILE     the file of --authentication-token-webhook-config-file
  --audience A          an audience to ask for, as kube-apiserver asks for its --api-audiences; may be repeated
  --token-stdin         also asks about a token from standard input
  -o, --output FORMAT   text (default), or json: {"server","steps"}

It resolves the name with this node's resolver, connects, checks the certificate as Go does, and posts TokenReviews of both
versions with a random token that nobody owns. It goes through the proxy of the kubeconfig (proxy-url), else of HTTPS_PROXY,
unless NO_PROXY has the name or it is a loopback address, as kube-apiserver does in its own environment.

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

async function asText(kubeconfig: Kubeconfig, found: AsyncIterable<Finding>, seams: CliSeams): Promise<number> {
  const write = (text: string): unknown => seams.stdout.write(inColour(text, seams.stdout, seams));
  write(`kube-apiserver calls POST ${printable(addressOf(kubeconfig))} (context ${printable(kubeconfig.context)})\n`);
  const all = await collected(found, (finding) => write(`${stepLine(finding)}\n`));
  const { code, sentence } = conclusion(all);
  write(`\n${sentence}\n`);
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

/** The first steps; returns the way to the broker when there is one. */
async function* reach(
  kubeconfig: Kubeconfig,
  { env, resolveHost = resolveHere }: CliSeams,
): AsyncGenerator<Finding, Pick<Target, 'address' | 'proxy'> | undefined> {
  const { url } = kubeconfig;
  let proxy: Proxy | undefined;
  try {
    proxy = proxyOf(kubeconfig, env);
  } catch (error) {
    if (!(error instanceof ProxyFault)) throw error;
    yield failed('proxy', error.message);
    return undefined;
  }
  if (proxy !== undefined) {
    const connection = await connectedThrough(proxy, url);
    yield connection;
    return isFailed(connection) ? undefined : { proxy, address: hostOf(url) };
  }
  const { finding: name, addresses } = await resolved(hostOf(url), resolveHost);
  yield name;
  if (addresses.length === 0) return undefined;
  const { finding: connection, address } = await connected(addresses, portOf(url));
  yield connection;
  return address === undefined ? undefined : { address };
}

/** Every step in order; ends with the one after which kube-apiserver would get no further. */
async function* findings(
  kubeconfig: Kubeconfig,
  { audiences, token }: Wanted,
  seams: CliSeams,
): AsyncGenerator<Finding> {
  yield ok('kubeconfig', 'read as kube-apiserver does');
  for (const text of kubeconfig.warnings) yield warning('kubeconfig', text);
  const reached = yield* reach(kubeconfig, seams);
  if (reached === undefined) return;
  const target: Target = { kubeconfig, port: portOf(kubeconfig.url), ...reached };
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
