// The notes of a release are its section of the changelog.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { notesOf, sectionOf } from '../../../deploy/release/notes.ts';

const CHANGELOG = `# Changelog

## Unreleased

## 1.2.0 - 2026-11-26

### Security
- A line.

## [1.1.0]

### Fixed
- Another.
`;

const rows = [
  { name: 'a version with its date', given: '1.2.0', want: '### Security\n- A line.' },
  { name: 'a version in brackets, the last one', given: '1.1.0', want: '### Fixed\n- Another.' },
  { name: 'a section with nothing in it', given: 'Unreleased', want: undefined },
  { name: 'a version that is not there', given: '1.0.0', want: undefined },
  { name: 'a version whose dots are no wildcards', given: '1x2.0', want: undefined },
];

void describe('the section of', () => {
  for (const { name, given, want } of rows) {
    void test(name, () => assert.equal(sectionOf(CHANGELOG, given), want));
  }
});

void describe('the notes', () => {
  void test('have what is not released yet in a dry run, and how to verify it', () => {
    const notes = notesOf({ allowUnreleased: true });
    assert.match(notes, /^### Added$/m);
    assert.match(notes, /install\.md#verify-what-you-install/);
    assert.doesNotMatch(notes, /\]\(\.\.\//);
  });
});
