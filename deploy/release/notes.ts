// The notes of a release: its section of the changelog, and how to verify what is offered.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE, REPOSITORY, ROOT, TAG, VERSION } from './product.ts';

/** Undefined when the changelog has no such section, or nothing in it. */
export function sectionOf(changelog: string, heading: string): string | undefined {
  const escaped = heading.replaceAll('.', String.raw`\.`);
  const [, section = ''] =
    new RegExp(`^## \\[?${escaped}\\]?(?: - .*)?\\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(changelog) ?? [];
  return section.trim() === '' ? undefined : section.trim();
}

/** Of this version; of what is not released yet where that is allowed. */
export function notesOf({ allowUnreleased }: { readonly allowUnreleased: boolean }): string {
  const changelog = readFileSync(join(ROOT, '.github/CHANGELOG.md'), 'utf8');
  const changes = sectionOf(changelog, VERSION) ?? (allowUnreleased ? sectionOf(changelog, 'Unreleased') : undefined);
  if (changes === undefined)
    throw new Error(`.github/CHANGELOG.md has no section "## ${VERSION}": move Unreleased there`);
  return `${withLinks(changes)}

### Verify

\`SHA256SUMS\` is signed without a key; how to verify it, the image \`${IMAGE}:${VERSION}\` and the chart is in
[install](${REPOSITORY}/blob/${TAG}/deploy/install.md#verify-what-you-install).
`;
}

/** A relative link leads nowhere on the page of a release. */
function withLinks(text: string): string {
  return text.replaceAll(/\]\((?:\.\.\/)([^)]+)\)/g, `](${REPOSITORY}/blob/${TAG}/$1)`);
}
