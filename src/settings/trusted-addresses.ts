// Addresses and CIDR blocks from which identity headers are believed.

import { BlockList, isIP } from 'node:net';
import type { z } from 'zod';

/** A zod transform: `127.0.0.1/32`, `10.0.0.0/8`, `fd00::/8`, or one address; a block of everything is refused. */
export function trustedAddresses(texts: readonly string[], context: z.core.$RefinementCtx): BlockList {
  const list = new BlockList();
  texts.forEach((text, index) => {
    const block = parseBlock(text);
    if (typeof block === 'string') context.addIssue({ code: 'custom', path: [index], message: block });
    else list.addSubnet(block.address, block.prefix, block.family);
  });
  return list;
}

interface Block {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parseBlock(text: string): Block | string {
  const [, address = '', written] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return 'must be an address or a block such as 127.0.0.1/32';
  const bits = version === 4 ? 32 : 128;
  const prefix = written === undefined ? bits : Number(written);
  if (prefix > bits) return `must not have more than ${bits} bits`;
  if (prefix === 0) return 'would trust everybody';
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
