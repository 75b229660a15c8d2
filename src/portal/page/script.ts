// The one script of the page, and its hash: copy buttons and local times. Everything else works without it.

import { hash } from 'node:crypto';

export const SCRIPT = `
'use strict';
const said = document.getElementById('said');
const selected = (node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
};
for (const button of document.querySelectorAll('button[data-copy]')) {
  const label = button.firstElementChild;
  const before = label.textContent;
  let timer;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const node = document.getElementById(button.dataset.copy);
    let copied = true;
    try {
      await navigator.clipboard.writeText(node.textContent);
    } catch {
      selected(node);
      copied = false;
    }
    label.textContent = copied ? 'Copied' : 'Selected';
    said.textContent = copied ? 'Copied.' : 'Selected. Press Ctrl or Command and C to copy.';
    clearTimeout(timer);
    timer = setTimeout(() => { label.textContent = before; said.textContent = ''; }, 2500);
  });
}
for (const time of document.querySelectorAll('time')) {
  const at = new Date(time.dateTime);
  time.textContent = at.toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' });
  time.title = time.dateTime;
}
// A page that the browser kept would show the token a second time.
addEventListener('pageshow', (event) => { if (event.persisted) location.replace('./'); });
`;

export const SCRIPT_HASH = `sha256-${hash('sha256', SCRIPT, 'base64')}`;
