// The commands that people and kubectl run on their own computers.

import type { Command } from '../../command/command.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { status } from './status.ts';

export const kubectlCommands: readonly Command[] = [login, logout, status];
