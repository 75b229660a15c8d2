// Every metric of the broker in one table; the reference page and the dashboards are proven equal to it.

type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricRow {
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds in seconds. */
  readonly buckets?: readonly number[];
  /** No sample until there is something to tell; 0 would be a lie. */
  readonly absentUntilSet?: true;
}

export const METRIC_PREFIX = 'authbroker_';

/** 0.25 ms for a cached verdict, up to 10 s, which no review may reach. */
const SECONDS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const rows = <K extends string>(table: Record<K, MetricRow>): Readonly<Record<K, MetricRow>> => table;

/** Names without the prefix; labels come from closed sets only. */
export const METRICS = rows({
  token_reviews_total: {
    type: 'counter',
    help: 'Answered TokenReviews, and requests that were none (verdict malformed).',
    labels: ['endpoint', 'verdict', 'reason'],
  },
  token_review_duration_seconds: {
    type: 'histogram',
    help: 'Time from the complete request head to the answer.',
    labels: ['endpoint', 'verdict'],
    buckets: SECONDS,
  },
  token_reviews_in_flight: { type: 'gauge', help: 'TokenReviews being answered.', labels: [] },
  provider_requests_total: {
    type: 'counter',
    help: 'Verdicts of each provider, those it gave without asking its upstream included.',
    labels: ['provider', 'verdict', 'reason'],
  },
  provider_request_duration_seconds: {
    type: 'histogram',
    help: "Time of each provider's whole part of a review.",
    labels: ['provider', 'verdict'],
    buckets: SECONDS,
  },
  provider_requests_waiting: {
    type: 'gauge',
    help: "Reviews that wait in order for one of the provider's slots (concurrency).",
    labels: ['provider'],
  },
  provider_wait_duration_seconds: {
    type: 'histogram',
    help: 'How long reviews waited that found no slot free, until their turn or in vain until their deadline (reason too-busy).',
    labels: ['provider'],
    buckets: SECONDS,
  },
  provider_up: {
    type: 'gauge',
    help: '1 when the upstream answered the last time it was asked, 0 when it did not.',
    labels: ['provider'],
  },
  provider_circuit_state: {
    type: 'gauge',
    help: 'Circuit of the provider: 0 closed, 1 half-open, 2 open.',
    labels: ['provider'],
  },
  cache_requests_total: {
    type: 'counter',
    help: 'Reviews by how their verdict was found: hit, miss, shared or stale.',
    labels: ['result'],
  },
  cache_entries: { type: 'gauge', help: 'Remembered verdicts.', labels: [] },
  failed_password_blocks_total: {
    type: 'counter',
    help: 'Reviews that were kept from the upstream because the user had used up the failed-password budget.',
    labels: ['provider'],
  },
  reserved_names_dropped_total: {
    type: 'counter',
    help: 'Usernames rejected and groups dropped because they start with system: and are not listed in reserved.',
    labels: ['provider', 'kind'],
  },
  groups_dropped_total: {
    type: 'counter',
    help: 'Groups left out of an answer because they have no name (nameless), their name cannot be shown (unprintable), is longer than 1 KiB (too-long), because there are more than maxGroups (over-maxGroups, where groupsOverLimit is truncate), or because the directory could not be asked for them (not-asked).',
    labels: ['provider', 'reason'],
  },
  tokens_issued_total: {
    type: 'counter',
    help: 'Requests for a token at the portal by how the user signed in and by result: issued, refused, unavailable or invalid.',
    labels: ['method', 'result'],
  },
  tokens_revoked_total: { type: 'counter', help: 'Tokens revoked at the portal.', labels: [] },
  shared_state_up: {
    type: 'gauge',
    help: '1 when the last probe could read and write the shared store, 0 when it could not.',
    labels: [],
    absentUntilSet: true,
  },
  shared_state_requests_total: {
    type: 'counter',
    help: 'Questions to the shared store by operation and result: ok, miss, rejected, timeout, error, or down (not asked).',
    labels: ['operation', 'result'],
  },
  shared_state_request_duration_seconds: {
    type: 'histogram',
    help: 'Time of each question to the shared store.',
    labels: ['operation'],
    buckets: SECONDS,
  },
  config_reloads_total: { type: 'counter', help: 'Reloads of the configuration by result.', labels: ['result'] },
  config_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the configuration in force was loaded, in seconds since 1970.',
    labels: [],
  },
  tls_certificate_not_after_seconds: {
    type: 'gauge',
    help: "When the webhook's server certificate expires, in seconds since 1970.",
    labels: [],
    absentUntilSet: true,
  },
  build_info: { type: 'gauge', help: 'Always 1; the labels say what runs.', labels: ['version', 'node'] },
});

export type MetricName = keyof typeof METRICS;
