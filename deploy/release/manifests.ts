// What package managers want to know of the kubectl plugin: krew, Homebrew, winget. One table of downloads, three ways to write it.

import { stringify } from 'yaml';
import { NOTICES } from '../bundle.ts';
import { NODE_NOTICES } from './executables.ts';
import { archiveOf, fileOf, PLATFORMS, type Platform } from './platforms.ts';
import { DOWNLOADS, LICENSE, PLUGIN_DESCRIPTION, PLUGIN_SUMMARY, REPOSITORY, VERSION } from './product.ts';

const PROGRAM = 'kubectl-broker';

export interface Download {
  readonly platform: Pick<Platform, 'os' | 'arch'>;
  /** Of the archive, hexadecimal. */
  readonly sha256: string;
}

/** Files of a release by name, with text; downloads of other programs do not belong here. */
export function manifestsOf(downloads: readonly Download[]): Readonly<Record<string, string>> {
  const missing = PLATFORMS.filter((platform) => find(downloads, platform) === undefined);
  if (missing.length > 0) throw new Error(`no download for ${missing.map(({ name }) => name).join(', ')}`);
  return {
    'krew/broker.yaml': krew(downloads),
    'homebrew/kubectl-broker.rb': homebrew(downloads),
    ...winget(downloads),
  };
}

function find(downloads: readonly Download[], { os, arch }: Download['platform']): Download | undefined {
  return downloads.find(({ platform }) => platform.os === os && platform.arch === arch);
}

function urlOf({ platform }: Download): string {
  return `${DOWNLOADS}/${archiveOf(PROGRAM, VERSION, platform)}`;
}

/** https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/: `kubectl krew install broker`. */
function krew(downloads: readonly Download[]): string {
  const platforms = downloads.map((download) => ({
    selector: { matchLabels: { os: download.platform.os, arch: download.platform.arch } },
    uri: urlOf(download),
    sha256: download.sha256,
    files: [fileOf(PROGRAM, download.platform), 'LICENSE', NOTICES, NODE_NOTICES].map((from) => ({ from, to: '.' })),
    bin: fileOf(PROGRAM, download.platform),
  }));
  const spec = {
    version: `v${VERSION}`,
    homepage: REPOSITORY,
    shortDescription: PLUGIN_SUMMARY,
    description: `${PLUGIN_DESCRIPTION}\n`,
    platforms,
  };
  const apiVersion = 'krew.googlecontainertools.github.com/v1alpha2';
  return stringify(
    { apiVersion, kind: 'Plugin', metadata: { name: 'broker' }, spec },
    { aliasDuplicateObjects: false },
  );
}

/** https://docs.brew.sh/Formula-Cookbook: `brew install OWNER/tap/kubectl-broker`. */
function homebrew(downloads: readonly Download[]): string {
  const onSystem = (os: Platform['os']): string => {
    const blocks = downloads
      .filter(({ platform }) => platform.os === os)
      .map((download) => {
        const cpu = download.platform.arch === 'arm64' ? 'on_arm' : 'on_intel';
        return `    ${cpu} do\n      url "${urlOf(download)}"\n      sha256 "${download.sha256}"\n    end\n`;
      });
    return `  on_${os === 'darwin' ? 'macos' : 'linux'} do\n${blocks.join('')}  end\n`;
  };
  return `class KubectlBroker < Formula
  desc "${PLUGIN_SUMMARY} for kubectl"
  homepage "${REPOSITORY}"
  version "${VERSION}"
  license "${LICENSE}"

${onSystem('darwin')}
${onSystem('linux')}
  def install
    bin.install "${PROGRAM}"
    generate_completions_from_executable(bin/"${PROGRAM}", "completion")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/${PROGRAM} --version")
  end
end
`;
}

const WINGET = { id: 'KubeAuthBroker.KubectlBroker', schema: '1.10.0' } as const;

/** The three files of winget-pkgs (https://aka.ms/winget-manifest.version.1.10.0.schema.json and its siblings). */
function winget(downloads: readonly Download[]): Readonly<Record<string, string>> {
  const { id, schema } = WINGET;
  const common = { PackageIdentifier: id, PackageVersion: VERSION };
  const write = (type: string, content: object): string =>
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.${schema}.schema.json\n${stringify({
      ...common,
      ...content,
      ManifestType: type,
      ManifestVersion: schema,
    })}`;
  return {
    [`winget/${id}.yaml`]: write('version', { DefaultLocale: 'en-US' }),
    [`winget/${id}.installer.yaml`]: write('installer', {
      InstallerType: 'zip',
      NestedInstallerType: 'portable',
      NestedInstallerFiles: [{ RelativeFilePath: `${PROGRAM}.exe`, PortableCommandAlias: PROGRAM }],
      Installers: downloads
        .filter(({ platform }) => platform.os === 'windows')
        .map((download) => ({
          Architecture: download.platform.arch === 'amd64' ? 'x64' : 'arm64',
          InstallerUrl: urlOf(download),
          InstallerSha256: download.sha256.toUpperCase(),
        })),
    }),
    [`winget/${id}.locale.en-US.yaml`]: write('defaultLocale', {
      PackageLocale: 'en-US',
      Publisher: 'kube-auth-broker',
      PublisherUrl: REPOSITORY,
      PackageName: PROGRAM,
      PackageUrl: REPOSITORY,
      License: LICENSE,
      LicenseUrl: `${REPOSITORY}/blob/v${VERSION}/LICENSE`,
      ShortDescription: `${PLUGIN_SUMMARY} for kubectl`,
      Description: PLUGIN_DESCRIPTION,
      Tags: ['kubectl', 'kubernetes', 'authentication'],
    }),
  };
}
