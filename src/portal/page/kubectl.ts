// What to do with a token, or instead of one: two commands for each operating system, the kubeconfig, the plugin.

import { type Html, html, type Root } from './frame.ts';

/** What a portal offers beside the token itself. */
export interface Offer {
  readonly root: Root;
  /** The portal, as `login --server` takes it; absent where only a proxy signs people in. */
  readonly server?: string;
  readonly hasKubeconfig: boolean;
  /** The user of a kubeconfig into which a token is put. */
  readonly tokenUser: string;
}

export const SYSTEMS = ['macOS', 'Linux', 'Windows'] as const;
export type OperatingSystem = (typeof SYSTEMS)[number];

/**
 * The token comes from the clipboard or is pasted, so that no shell history keeps it. On Linux it is read in the terminal's
 * non-canonical mode: in the other one a line ends at 4095 characters (termios(3)). Taken by bash, zsh and fish.
 */
const WAYS: Readonly<Record<OperatingSystem, { readonly token: string; readonly hint: string }>> = {
  macOS: { token: '"$(pbpaste)"', hint: 'Copy the token, then run these in a terminal:' },
  Linux: {
    token: `"$(sh -c 'stty -icanon -echo; read -r t; stty icanon echo; printf %s "$t"')"`,
    hint: 'Copy the token, then run these in a terminal. The first one waits for you to paste it and press Enter:',
  },
  Windows: { token: '"$(Get-Clipboard)"', hint: 'Copy the token, then run these in PowerShell:' },
};

/** A guess by the `User-Agent`; only decides what is open at first. */
export function systemOf(userAgent: string | undefined): OperatingSystem {
  if (/Windows/i.test(userAgent ?? '')) return 'Windows';
  return /Mac OS|Macintosh/i.test(userAgent ?? '') ? 'macOS' : 'Linux';
}

export interface Copyable {
  readonly id: string;
  readonly text: string;
  /** Tells the buttons of a page apart for those who cannot see what stands beside them. */
  readonly what: string;
}

/** With a button that copies it, hidden until the script can make it work. */
export function copyable({ id, text, what }: Copyable): Html {
  return html`<div class="copyable line">${selectable({ id, text, what })}
<button type="button" class="quiet" data-copy="${id}" hidden><span>Copy</span> <span class="seen">${what}</span></button></div>`;
}

/** A text of which a click selects all. */
export function selectable({ id, text, what }: Copyable): Html {
  return html`<pre tabindex="0" role="region" aria-label="${what}"><code id="${id}">${text}</code></pre>`;
}

export function tokenCommands(system: OperatingSystem, tokenUser: string): Html {
  return html`${SYSTEMS.map((name) => commands(name, { tokenUser, isOpen: name === system }))}`;
}

function commands(
  system: OperatingSystem,
  { tokenUser, isOpen }: { readonly tokenUser: string; readonly isOpen: boolean },
): Html {
  const { token, hint } = WAYS[system];
  const id = system.toLowerCase();
  const user = /^[\w.@:/-]+$/.test(tokenUser) ? tokenUser : `'${tokenUser}'`;
  const setCredentials = `kubectl config set-credentials ${user} --token ${token}`;
  const setContext = `kubectl config set-context --current --user ${user}`;
  return html`<details name="system"${isOpen && html` open`}><summary>${system}</summary><div>
<p class="hint">${hint}</p>
${copyable({ id: `${id}-1`, text: setCredentials, what: `first command for ${system}` })}
${copyable({ id: `${id}-2`, text: setContext, what: `second command for ${system}` })}
</div></details>`;
}

/** The better way, where a password is enough: kubectl asks by itself when a token has ended. */
export function offerSection({ root, server, hasKubeconfig }: Offer): Html | undefined {
  if (server === undefined) return hasKubeconfig ? clustersSection(root) : undefined;
  return html`<section aria-labelledby="login-title">
<h2 id="login-title">Let kubectl sign you in</h2>
${
  hasKubeconfig
    ? html`<p class="hint">This kubeconfig holds your clusters and no secret. With kube-auth-broker installed, kubectl asks for your password when it needs a token.</p>
${download(root)}`
    : html`<p class="hint">With kube-auth-broker installed, this prints a token for kubectl, and keeps it until it ends:</p>
${copyable({ id: 'login', text: `kube-auth-broker login --server ${server}`, what: 'login command' })}`
}
</section>`;
}

function clustersSection(root: Root): Html {
  return html`<section aria-labelledby="clusters-title">
<h2 id="clusters-title">Your clusters</h2>
<p class="hint">This kubeconfig holds your clusters and no secret; its user is the one into which the commands put your token.</p>
${download(root)}
</section>`;
}

function download(root: Root): Html {
  return html`<div class="actions"><a class="button quiet" href="${root}kubeconfig" download="kubeconfig.yaml">Download kubeconfig</a></div>`;
}
