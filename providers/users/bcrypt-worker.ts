// A worker thread that checks bcrypt hashes, one question after the other; src knows it by its file name, a bundle holds it as text.

import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';
import type { BcryptQuestion } from './bcrypt.ts';

parentPort?.on('message', ({ password, hash }: BcryptQuestion) => {
  parentPort?.postMessage(compareSync(password, hash));
});
