// What oidc-provider shows of the device flow and of its errors, as pages of the portal.

import type { Context } from 'oidc-provider';
import { HTML_HEADERS } from '../answer.ts';
import { type Html, page } from '../page/frame.ts';
import { codeContent, confirmContent, doneContent, faultContent } from '../page/openid.ts';
import type { Portal } from '../portal.ts';

interface CodeError {
  readonly name?: string;
  readonly userCode?: string;
  readonly error?: string;
}

/** `userCodeInputSource`, `userCodeConfirmSource` and `successSource`. */
export function deviceViews(portal: Portal): object {
  return {
    deviceInfo: (context: Context) => ({ ip: context.ip, ua: context.req.headers['user-agent']?.slice(0, 200) }),
    userCodeInputSource: async (context: Context, form: string, _: unknown, error?: CodeError) => {
      if (error?.userCode !== undefined) portal.openidState.wrongCode(context.ip);
      const given = new URLSearchParams(context.req.url?.split('?')[1]).get('code') ?? undefined;
      show(context, portal, 'Enter the code', codeContent({ ...partsOf(form), code: given, notice: noticeOf(error) }));
    },
    userCodeConfirmSource: async (
      context: Context,
      form: string,
      client: { readonly clientId: string },
      asking: { readonly ip?: string; readonly ua?: string },
      code: string,
    ) => {
      const view = { ...partsOf(form), client: client.clientId, address: asking.ip, userAgent: asking.ua, code };
      show(context, portal, 'Is this your computer?', confirmContent(view));
    },
    successSource: async (context: Context) =>
      show(context, portal, 'Signed in', doneContent('Go back to your terminal. You may close this window.')),
  };
}

/** Errors that no client can be told of: nothing of the request is repeated. */
export function errorView(portal: Portal): (context: Context, out: { readonly error?: string }) => Promise<void> {
  return async (context, { error }) => {
    const isOver =
      error === 'invalid_request' || error === 'server_error'
        ? 'The request cannot be answered.'
        : 'This sign-in is over.';
    show(context, portal, 'Sign-in', faultContent(isOver, 'Start again from the program that sent you here.'));
  };
}

function show(context: Context, { settings }: Portal, title: string, content: Html): void {
  context.type = 'html';
  context.set(HTML_HEADERS);
  context.body = page({ title, host: settings.publicURL.host, root: './', content }).markup;
}

/** The library hands over a whole form; the address and the secret in it are what is needed. */
function partsOf(form: string): { readonly action: string; readonly xsrf: string } {
  return {
    action: /action="([^"]*)"/.exec(form)?.[1] ?? '',
    xsrf: /name="xsrf" value="([^"]*)"/.exec(form)?.[1] ?? '',
  };
}

function noticeOf(error: CodeError | undefined): string | undefined {
  if (error === undefined) return undefined;
  if (error.name === 'AbortedError') return 'You said no. Nobody was signed in.';
  return error.name === 'NoCodeError' || error.userCode !== undefined
    ? 'This code is not right, or no longer good. Look at your terminal.'
    : 'This did not work. Enter the code again.';
}
