import type { FormatName } from '../../src/index.ts'

/** Formats that have a codec. */
export const FORMATS = ['anthropic-messages', 'openai-chat', 'openai-responses'] as const
export type Format = (typeof FORMATS)[number]

/** Who talks to whom. */
export interface Pair {
  readonly client: Format
  readonly upstream: Format
}

/** Three identity paths and six directions. */
export const PAIRS: readonly Pair[] = FORMATS.flatMap((client) => FORMATS.map((upstream) => ({ client, upstream })))

/** The six directions in which something is converted. */
export const DIRECTIONS: readonly Pair[] = PAIRS.filter(({ client, upstream }) => client !== upstream)

/** The formats that another one is converted to. */
export function others(format: FormatName): readonly Format[] {
  return FORMATS.filter((other) => other !== format)
}
