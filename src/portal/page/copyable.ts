// A text with a button that copies it; without script a click selects all of it.

import { type Html, html } from '../html.ts';

export interface Copyable {
  readonly id: string;
  readonly text: string;
  /** Tells the buttons of a page apart for those who cannot see what stands beside them. */
  readonly what: string;
  readonly isLong?: boolean;
}

export function copyable({ id, text, what, isLong = false }: Copyable): Html {
  return html`<div class="copyable${!isLong && ' line'}"><pre tabindex="0" role="region" aria-label="${what}"><code id="${id}">${text}</code></pre>
<button type="button" class="${isLong ? '' : 'quiet'}" data-copy="${id}" hidden><span>Copy</span> <span class="seen">${what}</span></button></div>`;
}
