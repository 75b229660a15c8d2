// The machine that numbers come from, and how busy it is: only ratios of one run say something on another one.

import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

export function machineCard(): string {
  const [model = 'an unknown processor'] = cpus().map((each) => each.model);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg().map((value) => value.toFixed(1));
  return `${model}, ${availableParallelism()} cores, ${memory}, ${platform()} ${arch()}, Node ${process.version}; load ${load.join(' ')}`;
}
