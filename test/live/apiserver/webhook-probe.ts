// Runs webhook-probe: what kube-apiserver's own client, decoder, retries and cache make of a webhook, without a cluster.
import { run } from '../rig/command.ts';
import { program } from './programs.ts';

export interface ProbeRequest {
  /** As for kube-apiserver: `writeKubeconfig` makes one. */
  readonly webhookKubeconfig: string;
  /** Sent byte for byte. */
  readonly token: string | Uint8Array;
  /** Default v1beta1, kube-apiserver's own default. */
  readonly version?: 'v1' | 'v1beta1';
  /** What the review asks for; none means that no audience is checked. */
  readonly audiences?: readonly string[];
  /** The API server's own audiences, granted when the answer names none; default those asked for. */
  readonly apiAudiences?: readonly string[];
  /** How often the token is reviewed through one cache; default once. */
  readonly reviews?: number;
  /** All reviews at once. */
  readonly parallel?: boolean;
  /** Go duration; default 2m. */
  readonly cacheTTL?: string;
}

/** What kube-apiserver made of one review. `calls`, `httpStatuses` and `strictErrors` count over the whole run so far. */
export interface ProbeAnswer {
  readonly authenticated: boolean;
  readonly user?: {
    readonly username: string;
    readonly uid: string;
    readonly groups: readonly string[] | null;
    readonly extra: Readonly<Record<string, readonly string[]>> | null;
  };
  readonly audiences?: readonly string[];
  readonly error?: string;
  readonly durationMs: number;
  readonly calls: number;
  /** One for each call; 0 where no HTTP answer came. */
  readonly httpStatuses: readonly number[];
  /** What a strict decoder says about answers that kube-apiserver's lenient one may have taken. */
  readonly strictErrors: readonly string[];
}

/** One answer for each review, in order. Throws if the webhook could not be asked at all; a refusal is an answer. */
export async function probe(request: ProbeRequest): Promise<ProbeAnswer[]> {
  const { audiences = [], apiAudiences = [] } = request;
  const args = [
    `-kubeconfig=${request.webhookKubeconfig}`,
    `-version=${request.version ?? 'v1beta1'}`,
    `-audiences=${audiences.join(',')}`,
    `-api-audiences=${apiAudiences.join(',')}`,
    `-n=${request.reviews ?? 1}`,
    `-parallel=${request.parallel === true}`,
    `-cache-ttl=${request.cacheTTL ?? '2m'}`,
  ];
  // kube-apiserver gives up on one review after 30 s; a run of uncached ones may take that long each.
  const timeoutMs = 35_000 * (request.reviews ?? 1);
  const result = await run(program('webhook-probe'), args, { input: request.token, timeoutMs });
  if (result.exitCode !== 0) throw new Error(`webhook-probe ended with ${result.exitCode}: ${result.stderr}`);
  return result.stdout
    .trimEnd()
    .split('\n')
    .map((line): ProbeAnswer => JSON.parse(line));
}
