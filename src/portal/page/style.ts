// The one style sheet of the page, and the hash by which its policy lets it in.

import { hash } from 'node:crypto';

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f6f3; --sheet: #ffffff; --ink: #1c1d1f; --soft: #5b5e63; --line: #dcdcd6; --field: #85888d;
  --accent: #2150c8; --on-accent: #ffffff; --accent-soft: #eaf0fe; --code: #f1f1ed;
  --bad: #a3191f; --bad-soft: #fdeeed;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131416; --sheet: #1b1d20; --ink: #eceded; --soft: #a9adb4; --line: #33363b; --field: #7d828a;
    --accent: #9db7ff; --on-accent: #0d1b44; --accent-soft: #1f2a47; --code: #131416;
    --bad: #ffaaa5; --bad-soft: #3a1c1d;
  }
}
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
.top, main, .foot { width: min(100% - 2rem, 40rem); margin-inline: auto; }
.top { display: flex; align-items: center; gap: .6rem; padding: 2.25rem 0 1.25rem; color: var(--soft); font-size: .9375rem; }
.top svg { width: 1.5rem; height: 1.5rem; color: var(--accent); flex: none; }
.top bdi { overflow-wrap: anywhere; }
main { background: var(--sheet); border: 1px solid var(--line); border-radius: .875rem; padding: clamp(1.25rem, 5vw, 2.5rem); }
h1 { margin: 0; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.015em; font-weight: 650; text-wrap: balance; }
h2 { margin: 0 0 .35rem; font-size: 1.0625rem; line-height: 1.4; font-weight: 650; }
p { margin: 0; max-width: 62ch; }
.lead { margin-top: .5rem; color: var(--soft); }
.hint { color: var(--soft); font-size: .9375rem; }
section { margin-top: 2rem; padding-top: 1.75rem; border-top: 1px solid var(--line); }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: .06em; }
form { display: grid; gap: 1.125rem; margin-top: 1.75rem; }
label { display: block; margin-bottom: .35rem; font-weight: 600; font-size: .9375rem; }
input, select {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--field); border-radius: .5rem;
  background: var(--sheet); color: inherit; font: inherit;
}
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1.125rem;
  border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent); color: var(--on-accent);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
}
button:hover, .button:hover { filter: brightness(1.08); }
.quiet { background: transparent; color: var(--accent); }
.quiet:hover { background: var(--accent-soft); filter: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.notice { margin-top: 1.25rem; padding: .875rem 1rem; border: 1px solid currentColor; border-radius: .5rem; background: var(--bad-soft); color: var(--bad); }
.notice strong { display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .6rem 1.5rem; margin: 1.5rem 0 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
dd ul { display: flex; flex-wrap: wrap; gap: .375rem; margin: 0; padding: 0; list-style: none; }
dd li { padding: .05rem .55rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--code); font-size: .9375rem; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875rem; }
pre {
  margin: 0; padding: .75rem .875rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--code);
  white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; user-select: all; -webkit-user-select: all;
}
.token pre { max-height: 16rem; overflow: auto; word-break: break-all; }
.copyable { display: grid; gap: .5rem; margin-top: .75rem; }
.copyable button { justify-self: start; min-height: 2.25rem; padding: .25rem .875rem; font-size: .9375rem; }
details { margin-top: .75rem; border: 1px solid var(--line); border-radius: .5rem; }
summary { padding: .625rem 1rem; min-height: 2.75rem; font-weight: 600; cursor: pointer; border-radius: .5rem; }
details > div { padding: 0 1rem 1rem; }
details p { margin-top: .5rem; }
.title { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.title h2 { margin: 0; }
.title + .hint { margin-top: .35rem; }
.token pre { margin-top: .75rem; }
.more { margin-top: .5rem; border: 0; }
.more summary { padding: .375rem 0; min-height: 1.5rem; font-weight: 400; color: var(--accent); width: max-content; }
.notice span { display: block; margin-top: .25rem; }
[aria-invalid="true"] { border-color: var(--bad); }
.ways { display: grid; gap: .75rem; margin: 1.75rem 0 0; padding: 0; list-style: none; }
.ways .button { width: 100%; }
.choices { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: .25rem 0 .5rem; list-style: none; }
.choices a { display: inline-block; min-height: 1.5rem; }
.or { display: flex; align-items: center; gap: 1rem; margin-top: 1rem; color: var(--soft); font-size: .9375rem; max-width: none; }
.or::before, .or::after { content: ""; flex: 1; border-top: 1px solid var(--line); }
.or + form { margin-top: .75rem; }
.usercode code { font-size: 1.75rem; letter-spacing: .08em; }
.usercode { margin-top: 1.25rem; }
.again { margin-top: 2rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1rem; }
.foot { padding: 1.25rem 0 3rem; color: var(--soft); font-size: .875rem; }
.seen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }
@media (min-width: 30rem) { .copyable.line { grid-template-columns: 1fr auto; align-items: center; } }
@media (max-width: 26rem) { dl { grid-template-columns: 1fr; gap: .1rem; } dt { margin-top: .6rem; } }
@media (prefers-contrast: more) { :root { --line: var(--field); --soft: var(--ink); } }
@media (forced-colors: active) { button, .button, main { border: 1px solid; } }
@media print { .token, .copyable button { display: none; } }
`;

export const STYLE_HASH = `sha256-${hash('sha256', STYLE, 'base64')}`;
