// URLs (k8s.io/apiserver pkg/cel/library/urls.go).

import { parseUrl, requestProblem, type Url } from '../values/url.ts';
import type { FunctionTable } from './table.ts';

export const URL_FUNCTIONS: FunctionTable = {
  'url(string): kubernetes.URL': parseUrl,
  'isURL(string): bool': (text: string) => requestProblem(text) === undefined,
  'kubernetes.URL.getScheme(): string': ({ scheme }: Url) => scheme,
  'kubernetes.URL.getHost(): string': ({ host }: Url) => host,
  'kubernetes.URL.getHostname(): string': ({ hostname }: Url) => hostname,
  'kubernetes.URL.getPort(): string': ({ port }: Url) => port,
  'kubernetes.URL.getEscapedPath(): string': ({ escapedPath }: Url) => escapedPath,
  'kubernetes.URL.getQuery(): map<string, list<string>>': ({ query }: Url) => query,
};
