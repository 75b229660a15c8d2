// HTML in which every value is escaped, and the frame of every page with its one script: copy buttons and local times.

import { hash } from 'node:crypto';
import { STYLE } from './style.ts';

/** Markup: what {@link html} makes, and the constants of the page. */
export interface Html {
  readonly markup: string;
}

type Value = Html | string | number | undefined | false | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag: text is escaped for elements and quoted attributes, markup is kept, lists are joined, nothing is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = strings.map((text, index) => text + rendered(values[index]));
  return { markup: parts.join('') };
}

function rendered(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return value.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  if (typeof value === 'number') return String(value);
  return isMarkup(value) ? value.markup : value.map(rendered).join('');
}

function isMarkup(value: Html | readonly Value[]): value is Html {
  return 'markup' in value;
}

const SCRIPT = `
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
      for (let outer = node.closest('details'); outer; outer = outer.parentElement.closest('details')) outer.open = true;
      selected(node);
      copied = false;
    }
    label.textContent = copied ? 'Copied' : 'Selected';
    said.textContent = copied ? 'Copied.' : 'Selected. Press Ctrl or Command and C to copy.';
    clearTimeout(timer);
    timer = setTimeout(() => { label.textContent = before; said.textContent = ''; }, 2500);
  });
}
const form = { year: 'numeric', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' };
for (const time of document.querySelectorAll('time')) {
  time.textContent = new Date(time.dateTime).toLocaleString(undefined, form);
  time.title = time.dateTime;
}
// A page that the browser kept would show the token a second time.
addEventListener('pageshow', (event) => { if (event.persisted) location.replace(document.body.dataset.root); });
`;

export const SCRIPT_HASH = `sha256-${hash('sha256', SCRIPT, 'base64')}`;

/** The way from the address of a page to the portal's own; relative, because a proxy may have put a path before it. */
export type Root = './' | '../' | '../../../';

export interface Frame {
  readonly title: string;
  readonly root: Root;
  /** Host name of the portal. */
  readonly host: string;
  readonly content: Html;
}

const MARK = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 2.75 20.25 7v10L12 21.25 3.75 17V7z"/><circle cx="12" cy="10.25" r="2.25"/><path d="M12 12.5v4"/></svg>`;

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%234d78e6' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='M12 2.75 20.25 7v10L12 21.25 3.75 17V7z'/%3E%3Ccircle cx='12' cy='10.25' r='2.25'/%3E%3Cpath d='M12 12.5v4'/%3E%3C/svg%3E";

const DOCTYPE: Html = { markup: '<!doctype html>' };

/** A whole document; complete without script and without a second request. */
export function page({ title, host, root, content }: Frame): Html {
  return html`${DOCTYPE}
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title} · ${host}</title>
<link rel="icon" href="${ICON}">
<style>${{ markup: STYLE }}</style>
</head>
<body data-root="${root}">
<header class="top">${MARK}<bdi>${host}</bdi></header>
<main>
${content}
</main>
<footer class="foot"><p>Tokens end by themselves.</p></footer>
<p class="seen" id="said" role="status"></p>
<script>${{ markup: SCRIPT }}</script>
</body>
</html>
`;
}

/** A time with its zone; the script shows it in the one of the reader. */
export function time(atMs: number): Html {
  const iso = new Date(atMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return html`<time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}
