// The shape of the tables of functions that expressions may call.

import type { RegisterFunctionOptions } from '@marcbachmann/cel-js';

/** cel-js signature (`string.charAt(int): string`) → implementation; ints arrive as bigint, lists as arrays. */
export type FunctionTable = Readonly<Record<string, RegisterFunctionOptions['handler']>>;
