// The brokers that a review has passed, so that two which ask each other notice it.

/** The request header that names them, the last one last. */
export const VIA_HEADER = 'kube-auth-broker-via';
/** A review that has passed so many brokers goes no further. */
export const MAX_BROKERS = 4;

const BROKER_ID_BYTES = 8;
const BROKER_ID = /^[0-9a-f]{16}$/;

/** Another one for each process: after a restart nobody waits for an old question. */
export function newBrokerId(randomBytes: (size: number) => Buffer): string {
  return randomBytes(BROKER_ID_BYTES).toString('hex');
}

/** The brokers up to this one; undefined for a review that has been here, has passed too many, or whose header is no such list. */
export function passed(header: string, own: string): readonly string[] | undefined {
  const ids = header.split(',').map((id) => id.trim());
  const isLoop = ids.length >= MAX_BROKERS || ids.includes(own) || !ids.every((id) => BROKER_ID.test(id));
  return isLoop ? undefined : [...ids, own];
}
