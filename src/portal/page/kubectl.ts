// What to do with a token, or instead of one: two commands for each operating system, and the plugin.

import { type Html, html } from '../html.ts';
import { copyable } from './copyable.ts';

export interface Plugin {
  /** The portal, as `login --server` takes it. */
  readonly server: string;
  readonly hasKubeconfig: boolean;
}

export const SYSTEMS = ['macOS', 'Linux', 'Windows'] as const;
export type OperatingSystem = (typeof SYSTEMS)[number];

/** The token comes from the clipboard or is pasted, so that no shell history keeps it. */
const SET_CREDENTIALS: Readonly<Record<OperatingSystem, { readonly command: string; readonly hint: string }>> = {
  macOS: {
    command: 'kubectl config set-credentials kube-auth-broker-token --token="$(pbpaste)"',
    hint: 'Copy the token, then run these in a terminal:',
  },
  Linux: {
    command: 'kubectl config set-credentials kube-auth-broker-token --token="$(read -rs t; echo "$t")"',
    hint: 'Run these in a terminal. The first one waits for you to paste the token and press Enter:',
  },
  Windows: {
    command: 'kubectl config set-credentials kube-auth-broker-token "--token=$(Get-Clipboard)"',
    hint: 'Copy the token, then run these in PowerShell:',
  },
};

const SET_CONTEXT = 'kubectl config set-context --current --user=kube-auth-broker-token';

/** A guess by the `User-Agent`; only decides what is open at first. */
export function systemOf(userAgent: string | undefined): OperatingSystem {
  if (/Windows/i.test(userAgent ?? '')) return 'Windows';
  return /Mac OS|Macintosh/i.test(userAgent ?? '') ? 'macOS' : 'Linux';
}

export function tokenSection({ system, ...plugin }: Plugin & { readonly system: OperatingSystem }): Html {
  return html`<section aria-labelledby="use-title">
<h2 id="use-title">Give it to kubectl</h2>
<p class="hint">For the context that kubectl uses now.</p>
${SYSTEMS.map((name) => commands(name, name === system))}
</section>
${loginSection(plugin)}`;
}

function commands(system: OperatingSystem, isOpen: boolean): Html {
  const { command, hint } = SET_CREDENTIALS[system];
  const id = system.toLowerCase();
  return html`<details name="system"${isOpen && html` open`}><summary>${system}</summary><div>
<p class="hint">${hint}</p>
${copyable({ id: `${id}-1`, text: command, what: `first command for ${system}` })}
${copyable({ id: `${id}-2`, text: SET_CONTEXT, what: `second command for ${system}` })}
</div></details>`;
}

/** The better way, where the program is installed: kubectl asks by itself when a token has ended. */
export function loginSection({ server, hasKubeconfig }: Plugin): Html {
  return html`<section aria-labelledby="login-title">
<h2 id="login-title">Let kubectl sign you in</h2>
${
  hasKubeconfig
    ? html`<p class="hint">This kubeconfig holds your clusters and no secret. With kube-auth-broker installed, kubectl asks for your password when it needs a token.</p>
<div class="actions"><a class="button quiet" href="kubeconfig" download="kubeconfig.yaml">Download kubeconfig</a></div>`
    : html`<p class="hint">With kube-auth-broker installed, this prints a token for kubectl, and keeps it until it ends:</p>
${copyable({ id: 'login', text: `kube-auth-broker login --server ${server}`, what: 'login command' })}`
}
</section>`;
}
