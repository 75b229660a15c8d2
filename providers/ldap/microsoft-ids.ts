// The binary identifiers of Active Directory in the form in which people and other tools write them.

/** objectGUID as text (MS-DTYP §2.3.4): the first three fields are little-endian; undefined unless it has 16 bytes. */
export function guidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) return undefined;
  const ordered = Buffer.from(bytes);
  ordered.subarray(0, 4).reverse();
  ordered.subarray(4, 6).reverse();
  ordered.subarray(6, 8).reverse();
  const hex = ordered.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** objectSid as text, `S-1-5-21-…` (MS-DTYP §2.4.2); undefined when the bytes are no SID. */
export function sidText(bytes: Buffer): string | undefined {
  if (bytes.length < 8 || bytes[0] !== 1 || bytes.length !== 8 + (bytes[1] ?? 0) * 4) return undefined;
  const parts = Array.from({ length: bytes[1] ?? 0 }, (_, index) => bytes.readUInt32LE(8 + index * 4));
  return ['S', 1, bytes.readUIntBE(2, 6), ...parts].join('-');
}

/** The SID of a user's primary group: the user's own with the last part replaced (MS-ADTS §3.1.1.1.6). */
export function primaryGroupSid(userSid: Buffer, primaryGroupId: string): string | undefined {
  const sid = sidText(userSid);
  if (sid === undefined || !/^\d{1,10}$/.test(primaryGroupId)) return undefined;
  return `${sid.slice(0, sid.lastIndexOf('-'))}-${primaryGroupId}`;
}
