// How much CPU another process has used; Linux tells it to the nanosecond, and asking costs that process nothing.

import { readdirSync, readFileSync } from 'node:fs';

/** Seconds, user and system, of all its threads (proc(5), /proc/pid/task/tid/schedstat). */
export function cpuSecondsOf(pid: number): number {
  const folder = `/proc/${pid}/task`;
  const nanoseconds = readdirSync(folder).map((thread) => {
    const [onCpu = '0'] = readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ');
    return Number(onCpu);
  });
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9;
}
