// `completion`: the script with which a shell completes commands and options; both are read from the help texts.

import { type Command, type CommandSeams, EXIT, UsageError } from './command.ts';
import { parseOptions } from './options.ts';

type Described = Pick<Command, 'name' | 'help'>;

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

const HELP = `Prints the script with which a shell completes commands and options.

Usage: kube-auth-broker completion bash|zsh|fish|powershell

  bash         source <(kube-auth-broker completion bash)
  zsh          source <(kube-auth-broker completion zsh), after compinit
  fish         kube-auth-broker completion fish | source
  powershell   kube-auth-broker completion powershell | Out-String | Invoke-Expression
`;

/** For a program of these commands, and of this one. */
export function completionOf(commands: readonly Described[]): Command {
  const completion: Command = {
    name: 'completion',
    summary: 'print the completion script of a shell',
    help: HELP,
    run: async ([shell = '', ...rest], { stdout, program }) => {
      parseOptions(rest, {});
      const known = SHELLS.find((candidate) => candidate === shell);
      if (known === undefined) throw new UsageError(`takes one of ${SHELLS.join(', ')}; see --help`);
      const words = wordsAfter([...commands, completion]);
      stdout.write(SCRIPTS[known](nameOf({ program }), words));
      return EXIT.done;
    },
  };
  return completion;
}

/** `kubectl broker` is the file `kubectl-broker`. */
function nameOf({ program }: Pick<CommandSeams, 'program'>): string {
  return program.replace(' ', '-');
}

/** What may follow the words that were typed, the empty text for none: `issuer` -> `new-key revoke`. */
function wordsAfter(commands: readonly Described[]): ReadonlyMap<string, readonly string[]> {
  const after = new Map<string, string[]>([['', ['--help', '--version']]]);
  const add = (typed: string, word: string): void => {
    const words = after.get(typed) ?? [];
    if (!words.includes(word)) after.set(typed, [...words, word]);
  };
  for (const { name, help } of commands) {
    const parts = name.split(' ');
    for (const [index, part] of parts.entries()) add(parts.slice(0, index).join(' '), part);
    for (const [, option = ''] of help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)) add(name, option);
    add(name, '--help');
  }
  for (const shell of SHELLS) add('completion', shell);
  return after;
}

type Script = (name: string, words: ReadonlyMap<string, readonly string[]>) => string;

/** Commands come first; after a word that begins with a dash the command is known. Files are completed where nothing fits. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], Script>> = {
  bash: (name, words) => {
    const cases = [...words].map(([typed, next]) => `    '${typed}') words='${next.join(' ')}' ;;\n`).join('');
    return `_${name.replaceAll('-', '_')}() {
  local words='' typed='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] && break
    typed=\${typed:+$typed }$word
  done
  case $typed in
${cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name.replaceAll('-', '_')} ${name}
`;
  },
  zsh: (name, words) => {
    const cases = [...words].map(([typed, next]) => `    '${typed}') next=(${next.join(' ')}) ;;\n`).join('');
    return `#compdef ${name}
_${name.replaceAll('-', '_')}() {
  local typed='' word
  local -a next
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ $word == -* ]] && break
    typed="\${typed:+$typed }$word"
  done
  case $typed in
${cases}  esac
  compadd -a next || _files
}
compdef _${name.replaceAll('-', '_')} ${name}
`;
  },
  fish: (name, words) => {
    const typed = `__${name.replaceAll('-', '_')}_typed`;
    const lines = [...words].map(
      ([before, next]) => `complete -c ${name} -n 'test (${typed}) = "${before}"' -a '${next.join(' ')}'\n`,
    );
    return `function ${typed}
  set -l typed
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    set -a typed $word
  end
  echo "$typed"
end
${lines.join('')}`;
  },
  powershell: (name, words) => {
    const table = [...words].map(
      ([typed, next]) => `    '${typed}' = @(${next.map((word) => `'${word}'`).join(', ')})\n`,
    );
    return `Register-ArgumentCompleter -Native -CommandName ${name} -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $next = @{
${table.join('')}  }
  $typed = @()
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition -or "$element".StartsWith('-')) { break }
    $typed += "$element"
  }
  $next[$typed -join ' '] | Where-Object { $_ -like "$wordToComplete*" } |
    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`;
  },
};
