// One step of `verify`, and what all of them together come to.

import { EXIT } from '../../command/command.ts';
import { MARKS, type Step } from '../steps.ts';

export interface Finding extends Step {
  /** Failed because the other side could not be asked or could not tell: the file may be right. */
  readonly unavailable?: true;
}

export const ok = (step: string, detail?: string): Finding => finding(step, 'ok', detail);
export const warning = (step: string, detail: string): Finding => finding(step, 'warning', detail);
export const failed = (step: string, detail: string): Finding => finding(step, 'failed', detail);
export const outage = (step: string, detail: string): Finding => ({ ...failed(step, detail), unavailable: true });

function finding(step: string, result: Finding['result'], detail: string | undefined): Finding {
  return { step, result, ...(detail !== undefined && { detail }) };
}

export function isFailed({ result }: Finding): boolean {
  return result === 'failed';
}

/** What is wrong outweighs what could not be told: waiting does not mend it. */
export function conclusion(findings: readonly Finding[]): { readonly code: number; readonly sentence: string } {
  const failures = findings.filter(isFailed);
  if (failures.some(({ unavailable }) => unavailable === undefined)) {
    return { code: EXIT.refused, sentence: `${MARKS.failed} kube-apiserver cannot use this file as it is` };
  }
  if (failures.length > 0)
    return { code: EXIT.unknown, sentence: `${MARKS.failed} could not tell; see the step that failed` };
  const sentence = findings.some(({ result }) => result === 'warning')
    ? `${MARKS.warning} kube-apiserver can use this file; read the warnings`
    : `${MARKS.ok} kube-apiserver can use this file`;
  return { code: EXIT.done, sentence };
}
