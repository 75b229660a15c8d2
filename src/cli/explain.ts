// `explain`: answers one token as the webhook would, and tells every step of the way.

import { EXIT, UsageError } from '../command/command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions, required } from '../command/options.ts';
import { readPassword, readSecret } from '../command/secret-input.ts';
import type { TraceStep } from '../core/authenticator.ts';
import { newFingerprintKey } from '../core/fingerprint.ts';
import type { VerdictKind } from '../core/verdict.ts';
import { type Graph, openGraph } from '../graph.ts';
import type { Config, EndpointConfig } from '../settings/config.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { parseJsonObject } from '../text/json.ts';
import { didYouMean } from '../text/suggest.ts';
import { tokenReviewAnswer } from '../webhook/response.ts';
import { type Reviewed, review } from '../webhook/reviewer.ts';
import { loadOrPrint } from './configuration.ts';
import type { Explanation } from './explain/explanation.ts';
import { explainedCredential, explainedProvider, explainedVerdict } from './explain/story.ts';
import { explanationText } from './explain/text.ts';
import { redactedCopy, redactor } from './redact.ts';
import { issuedLifetime, rememberedFor } from './remembered.ts';
import type { CliCommand, CliSeams } from './seams.ts';
import { inColour } from './steps.ts';

const HELP = `Answers one token as the webhook would, and tells every step: what kind of credential it is, what each provider says and
why, the claims, each mapping, and the TokenReview that kube-apiserver would get. Nothing is taken from a cache.
It asks the real upstreams: a wrong password counts there.

Usage: kube-auth-broker explain --config FILE [--endpoint PATH] [--audience A]... [--username NAME]
                                [-o text|json|tokenreview]

  --config FILE         the configuration (YAML)
  --endpoint PATH       the endpoint to ask, default the first one
  --audience A          an audience that the token must be good for; may be repeated
  --username NAME       asks for the password of NAME on the terminal, or reads it from standard input
  -o, --output FORMAT   text (default); json: {"endpoint","audiences","credential","providers","verdict","tokenReview",
                        "remembered"}; tokenreview: the answer alone

Without --username it reads the token from standard input, without one trailing newline:

  printf '%s' "$TOKEN" | kube-auth-broker explain --config broker.yaml

The token and the password are never printed.

Exit codes: 0 authenticated, 1 refused, 2 wrong usage or configuration, 3 an upstream was unavailable.
`;

const REVIEW_ID = 'explain';

export const explain: CliCommand = {
  name: 'explain',
  summary: 'answer one token and tell every step',
  help: HELP,
  run: async (args, seams) => {
    const options = parseOptions(args, {
      config: { type: 'string' },
      endpoint: { type: 'string' },
      audience: { type: 'string', multiple: true, default: [] },
      username: { type: 'string' },
      output: OUTPUT,
    });
    const format = outputFormat(options.output, ['text', 'json', 'tokenreview']);
    const config = loadOrPrint(required(options.config, '--config'), seams);
    if (config === undefined) return EXIT.usage;
    const endpoint = endpointOf(config, options.endpoint);
    const token = await readToken(options.username, seams);
    const { explanation, kind } = await explained(token, { config, endpoint, audiences: options.audience }, seams);
    if (format === 'text') seams.stdout.write(inColour(explanationText(explanation), seams.stdout, seams));
    if (format === 'json') seams.stdout.write(jsonText(explanation));
    if (format === 'tokenreview') seams.stdout.write(`${JSON.stringify(explanation.tokenReview)}\n`);
    return EXIT_OF[kind];
  },
};

const EXIT_OF: Readonly<Record<VerdictKind, number>> = {
  authenticated: EXIT.done,
  abstained: EXIT.refused,
  rejected: EXIT.refused,
  unavailable: EXIT.unknown,
};

function endpointOf({ webhook }: Config, asked: string | undefined): EndpointConfig {
  const paths = webhook.endpoints.map(({ path }) => path);
  const endpoint = webhook.endpoints.find(({ path }) => path === (asked ?? paths[0]));
  if (endpoint !== undefined) return endpoint;
  throw new UsageError(`there is no endpoint ${asked}${didYouMean(asked ?? '', paths)}: there is ${paths.join(', ')}`);
}

async function readToken(username: string | undefined, seams: CliSeams): Promise<string> {
  if (username === undefined) return readSecret('Token: ', seams);
  if (username === '') throw new UsageError('--username is empty');
  if (username.includes(':')) throw new UsageError('--username has a colon: a token is cut at its first colon');
  return `${username}:${await readPassword('Password: ', seams)}`;
}

interface Asked {
  readonly config: Config;
  readonly endpoint: EndpointConfig;
  readonly audiences: readonly string[];
}

async function explained(
  token: string,
  asked: Asked,
  seams: CliSeams,
): Promise<{ readonly explanation: Explanation; readonly kind: VerdictKind }> {
  const { endpoint, audiences } = asked;
  const graph = openGraph(onlyEndpoint(asked), graphSeams(seams));
  const trace: TraceStep[] = [];
  const tell = (step: TraceStep): void => void trace.push(step);
  try {
    const reviewed = await review(graph.reviewer, endpoint, { ok: true, version: 'v1', token, audiences }, REVIEW_ID, {
      trace: tell,
    });
    return { explanation: told(token, { asked, graph, trace, reviewed }, seams), kind: reviewed.verdict.kind };
  } finally {
    await graph.close();
  }
}

/** Providers of other endpoints are not even opened: some ask their upstream as soon as they are. */
function onlyEndpoint({ config, endpoint }: Asked): Config {
  const providers = config.providers.filter(({ name }) => endpoint.providers.includes(name));
  return { ...config, webhook: { ...config.webhook, endpoints: [endpoint] }, providers };
}

function graphSeams({ clock, randomBytes }: CliSeams): Parameters<typeof openGraph>[1] {
  const fingerprintKey = newFingerprintKey(randomBytes);
  return { clock, randomBytes, log: () => undefined, metrics: createMetrics(), fingerprintKey, scope: '' };
}

interface Story {
  readonly asked: Asked;
  readonly graph: Graph;
  readonly trace: readonly TraceStep[];
  readonly reviewed: Reviewed;
}

function told(token: string, { asked, graph, trace, reviewed }: Story, { clock }: CliSeams): Explanation {
  const { verdict, cache } = reviewed;
  const { config, endpoint, audiences } = asked;
  const { shown, credential } = explainedCredential(token, graph.reviewer.rules);
  const down = verdict.kind === 'unavailable' ? verdict.providers : undefined;
  const byName = new Map(config.providers.map((entry) => [entry.name, entry]));
  const explanation: Explanation = {
    endpoint: endpoint.path,
    audiences,
    credential: shown,
    providers: endpoint.providers.flatMap((name) => {
      const entry = byName.get(name);
      return entry === undefined ? [] : [explainedProvider(entry, trace)];
    }),
    verdict: {
      ...explainedVerdict(verdict, byName.get(verdict.by ?? '')?.nextSteps),
      ...(verdict.by !== undefined && { by: verdict.by }),
      ...(down && { providers: down }),
    },
    tokenReview: parseJsonObject(tokenReviewAnswer(verdict, 'v1', REVIEW_ID)) ?? {},
    remembered: rememberedFor(verdict, {
      cache: config.cache,
      nowMs: clock.now(),
      byForm: cache === undefined,
      issuedMs: issuedLifetime(config, [endpoint]),
    }),
  };
  return redactedCopy(explanation, redactor(token, credential));
}
