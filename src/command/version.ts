// `version`: what runs here.

import { findCommit, VERSION } from '../version.ts';
import { type Command, EXIT } from './command.ts';
import { jsonText, OUTPUT, outputFormat, parseOptions } from './options.ts';

const HELP = `Prints version, commit and Node.js version.

Usage: kube-auth-broker version [-o text|json]

  -o, --output FORMAT   text (default), or json: {"version","commit","node"}

The commit is "unknown" when the program is neither a release nor in a git checkout.
`;

export const version: Command = {
  name: 'version',
  summary: 'print version, commit and Node.js version',
  help: HELP,
  run: async (args, { stdout, readFile }) => {
    const format = outputFormat(parseOptions(args, { output: OUTPUT }).output, ['text', 'json']);
    const what = { version: VERSION, commit: findCommit(readFile), node: process.versions.node };
    const text = `kube-auth-broker ${what.version}, commit ${what.commit}, Node.js ${what.node}\n`;
    stdout.write(format === 'json' ? jsonText(what) : text);
    return EXIT.done;
  },
};
