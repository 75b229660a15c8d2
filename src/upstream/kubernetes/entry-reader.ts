// Reads the values of a kubeconfig entry and the files that it names, noting what is wrong with them.

import { resolve } from 'node:path';
import { Secret } from '../../core/secret.ts';
import { whyUnreadable } from '../../text/error-code.ts';
import type { JsonObject } from '../../text/json.ts';

export interface EntryReader {
  /** Filled while values are read; sentences without values. */
  readonly faults: string[];
  /** Empty when it is not there. */
  readonly text: (entry: JsonObject, field: string) => string;
  readonly flag: (entry: JsonObject, field: string) => boolean;
  /** The text of a file, relative to the kubeconfig's folder. */
  readonly file: (field: string, name: string) => string;
  /** `<field>-data` or the file named by `<field>`. */
  readonly pem: (entry: JsonObject, field: string) => string | undefined;
}

export function entryReader(folder: string, readFile: (path: string) => string): EntryReader {
  const faults: string[] = [];
  const text: EntryReader['text'] = (entry, field) => {
    const value = entry[field] ?? '';
    if (typeof value === 'string') return value;
    faults.push(`${field} must be a string`);
    return '';
  };
  const file: EntryReader['file'] = (field, name) => {
    try {
      return readFile(resolve(folder, name));
    } catch (error) {
      faults.push(`${field}: cannot read ${resolve(folder, name)}: ${whyUnreadable(error)}`);
      return '';
    }
  };
  return {
    faults,
    text,
    file,
    flag: (entry, field) => {
      const value = entry[field] ?? false;
      if (typeof value !== 'boolean') faults.push(`${field} must be true or false`);
      return value === true;
    },
    pem: (entry, field) => {
      const [name, data] = [text(entry, field), text(entry, `${field}-data`)];
      if (name !== '' && data !== '') faults.push(`${field} and ${field}-data are both there; keep one`);
      if (data !== '') return Buffer.from(data, 'base64').toString();
      return name === '' ? undefined : file(field, name);
    },
  };
}

/** The Authorization header of a user entry; over plain http none is sent, and a token file is not even read. */
export function authorizationOf(
  user: JsonObject,
  isTls: boolean,
  { faults, text, file }: EntryReader,
): Secret | undefined {
  const [token, tokenFile] = [text(user, 'token'), text(user, 'tokenFile')];
  const [username, password] = [text(user, 'username'), text(user, 'password')];
  const isBasic = username !== '' || password !== '';
  if (token !== '' && isBasic) faults.push('the user has a token and a password; keep one');
  if (!isTls) return undefined;
  const bearer = token === '' && tokenFile !== '' ? file('tokenFile', tokenFile).trim() : token;
  if (bearer !== '') return new Secret(`Bearer ${bearer}`);
  return isBasic ? new Secret(`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`) : undefined;
}
