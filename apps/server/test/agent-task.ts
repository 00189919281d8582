import type { CannedContent, CannedToolCall } from '@relay/upstreams/testing'

/** The task that an official SDK completes in the journeys: three turns, two parallel calls, an image and a PDF. */

/** A PNG of one pixel, base64. */
export const PIXEL_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** A small PDF, base64. */
export const PLAIN_PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n',
).toString('base64')

export const QUESTION = 'How warm is it in the two towns of the picture? Write a report.'

/** The tools' schemas, alike in both vendors' formats. */
export const TEMPERATURE_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
} as const
export const REPORT_SCHEMA = {
  type: 'object',
  properties: { lines: { type: 'array', items: { type: 'string' } } },
  required: ['lines'],
} as const

/** What the tools answer. */
export function readTemperature(city: string): string {
  return `${city}: ${city === 'Zürich' ? 4 : 31} °C`
}

export const REPORT_SAVED = 'saved as report 7'

/** The three calls of the task, in order; the first two come in one answer. */
export const CALL_A: CannedToolCall = { id: 'toolu_first_A', name: 'read_temperature', arguments: { city: 'Zürich' } }
export const CALL_B: CannedToolCall = { id: 'toolu_second_B', name: 'read_temperature', arguments: { city: '名古屋' } }
export const CALL_C: CannedToolCall = {
  id: 'toolu_third_C',
  name: 'write_report',
  arguments: { lines: ['Zürich: "4"', '名古屋: 31 \\ C'] },
}

export const OPENING = 'I look at both towns. 🌡️'

/** What the model says, turn by turn; ids and numbers differ from turn to turn so that a mix-up shows. */
export const TURNS: readonly (CannedContent & { readonly inputTokens: number; readonly outputTokens: number })[] = [
  { text: OPENING, toolCalls: [CALL_A, CALL_B], inputTokens: 1200, cachedTokens: 0, outputTokens: 61 },
  { toolCalls: [CALL_C], inputTokens: 1330, cachedTokens: 1200, outputTokens: 47 },
  {
    text: 'It is 4 °C in Zürich and 31 °C in 名古屋; see report 7.',
    inputTokens: 1400,
    cachedTokens: 1330,
    outputTokens: 19,
  },
]

/** The tokens of all turns as the upstream counts them: cached ones within the input. */
export const TOTALS = {
  uncached: TURNS.reduce((sum, turn) => sum + turn.inputTokens - (turn.cachedTokens ?? 0), 0),
  cached: TURNS.reduce((sum, turn) => sum + (turn.cachedTokens ?? 0), 0),
  output: TURNS.reduce((sum, turn) => sum + turn.outputTokens, 0),
}
