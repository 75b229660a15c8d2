// Credentials as an Authorization header carries them.

/** UTF-8, then base64 (RFC 7617 §2.1). */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** RFC 6750 §2.1 allows fewer still. */
const IN_A_HEADER = /^[\x21-\x7e]+$/;

/** Whether a header brings this token to an upstream as it is. */
export function fitsHeader(token: string): boolean {
  return IN_A_HEADER.test(token);
}
