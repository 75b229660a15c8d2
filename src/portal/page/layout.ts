// The frame of every page.

import { type Html, html } from '../html.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface Frame {
  readonly title: string;
  /** Host name of the portal. */
  readonly host: string;
  readonly content: Html;
}

const MARK = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 2.75 20.25 7v10L12 21.25 3.75 17V7z"/><circle cx="12" cy="10.25" r="2.25"/><path d="M12 12.5v4"/></svg>`;

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='%234d78e6' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'%3E%3Cpath d='M12 2.75 20.25 7v10L12 21.25 3.75 17V7z'/%3E%3Ccircle cx='12' cy='10.25' r='2.25'/%3E%3Cpath d='M12 12.5v4'/%3E%3C/svg%3E";

/** A whole document; complete without script and without a second request. */
export function page({ title, host, content }: Frame): Html {
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
<body>
<header class="top">${MARK}<bdi>${host}</bdi></header>
<main>
${content}
</main>
<footer class="foot"><p>Tokens end by themselves. Nobody needs a password in a kubeconfig.</p></footer>
<p class="seen" id="said" role="status"></p>
<script>${{ markup: SCRIPT }}</script>
</body>
</html>
`;
}

const DOCTYPE: Html = { markup: '<!doctype html>' };
