/** What a body can be. */
export const CONVERT_KINDS = ['request', 'answer', 'stream', 'error'] as const

/** One of {@link CONVERT_KINDS}. */
export type ConvertKind = (typeof CONVERT_KINDS)[number]

const STREAM_START = /^(?:event|data|id|retry)?:/

/**
 * Tells from a text what it is: a stream by its first line, the others by their members.
 *
 * @param text - the whole body; for a stream its beginning is enough
 * @returns `undefined` when it cannot be told
 */
export function recogniseKind(text: string): ConvertKind | undefined {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (STREAM_START.test(start)) return 'stream'
  const body = parseObject(start)
  if (body === undefined) return undefined
  if (isAnswer(body)) return 'answer'
  if (isObject(body['error']) || body['type'] === 'error') return 'error'
  return Array.isArray(body['messages']) || body['input'] !== undefined ? 'request' : undefined
}

/** A response that failed is an answer, too, although it holds an error. */
function isAnswer(body: Readonly<Record<string, unknown>>): boolean {
  if (body['object'] === 'response') return true
  return Array.isArray(body['choices']) || (body['type'] === 'message' && Array.isArray(body['content']))
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined // not JSON, or only the beginning of one
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
