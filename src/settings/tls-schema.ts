// The server certificate of the webhook: read, checked for what would make kube-apiserver refuse it, and dated.

import { z } from 'zod';
import { certificatesOf } from '../core/certificate.ts';
import type { ServerTls } from '../core/listening.ts';
import { Secret } from '../core/secret.ts';
import { judgeCertificate } from './certificate.ts';
import type { ConfigFile, Fields } from './field-types.ts';
import { ALWAYS, soundness } from './soundness.ts';

/** TLS of a listener with what is worth saying about its certificate. */
export interface CheckedTls {
  readonly tls: ServerTls;
  readonly notAfterMs: number;
  readonly warnings: readonly string[];
}

/** `tls{certFile,keyFile,clientCAFile,clientNames,minVersion}`; an expired or mismatched pair is an error. */
export function webhookTlsField(fields: Fields, nowMs: number) {
  const block = fields.object({
    certFile: fields.file(),
    keyFile: fields.file(),
    clientCAFile: fields.file().optional(),
    clientNames: z.array(z.string().min(1)).min(1).optional(),
    minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
  });
  const judged = block.superRefine((given, context) => checkFiles(given, nowMs, context), ALWAYS);
  return judged.transform(({ certFile, keyFile, clientCAFile, clientNames, minVersion }): CheckedTls => {
    const { notAfterMs = 0, warnings } = judgeCertificate(certFile.text, keyFile.text, nowMs);
    const tls: ServerTls = {
      cert: certFile.text,
      key: new Secret(keyFile.text),
      ...(clientCAFile && { clientCA: clientCAFile.text }),
      ...(clientNames && { clientNames }),
      minVersion,
    };
    return { tls, notAfterMs, warnings };
  });
}

interface GivenTls {
  readonly certFile: ConfigFile;
  readonly keyFile: ConfigFile;
  readonly clientCAFile?: ConfigFile | undefined;
  readonly clientNames?: readonly string[] | undefined;
}

function checkFiles(given: GivenTls, nowMs: number, context: z.core.$RefinementCtx): void {
  const { certFile, keyFile, clientCAFile, clientNames } = given;
  const sound = soundness(context);
  const fail = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
  const isPair = sound('certFile') && sound('keyFile');
  for (const fault of isPair ? judgeCertificate(certFile.text, keyFile.text, nowMs).faults : []) {
    const [key, file] = fault.in === 'key' ? (['keyFile', keyFile] as const) : (['certFile', certFile] as const);
    fail(key, `${file.path} ${fault.message}`);
  }
  if (clientCAFile !== undefined && sound('clientCAFile') && certificatesOf(clientCAFile.text) === undefined) {
    fail('clientCAFile', `${clientCAFile.path} holds no PEM certificate`);
  }
  if (clientNames !== undefined && clientCAFile === undefined) {
    fail('clientNames', 'needs clientCAFile: without mutual TLS there is no client certificate to name');
  }
}
