/** Beyond this the frame around the words is a small part, and counting them would hold up others. */
const MAX_READ_BYTES = 256 * 1024
/** As in English. */
export const BYTES_PER_TOKEN = 4

/** Members that are no words of the model, in any format. */
const FRAME: ReadonlySet<string> = new Set([
  'id',
  'call_id',
  'type',
  'role',
  'status',
  'object',
  'signature',
  'encrypted_content',
  'finish_reason',
  'index',
  'logprobs',
])

/** Where each format has what the model said. */
const PLACES: ReadonlySet<string> = new Set(['content', 'choices', 'output'])

/**
 * Roughly how many tokens a whole answer has, for one whose upstream reported no usage: four bytes of its words each, as in
 * English; its JSON around them is nothing that a model wrote.
 *
 * @param bytes - the answer as the client gets it
 */
export function estimateOutput(bytes: Uint8Array): number {
  const wordBytes = bytes.length > MAX_READ_BYTES ? bytes.length : countWords(textOf(bytes))
  return Math.max(1, Math.ceil(wordBytes / BYTES_PER_TOKEN))
}

/** Not by recursion: nobody knows how deep the arguments of a call are nested. */
function countWords(text: string): number {
  const waiting: unknown[] = placesOf(JSON.parse(text))
  let bytes = 0
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string') bytes += Buffer.byteLength(value)
    else if (typeof value === 'object') for (const member of membersOf(value)) waiting.push(member)
    else bytes += 1
  }
  return bytes
}

function membersOf(value: object | null): unknown[] {
  return Object.entries(value ?? {}).flatMap(([name, member]: [string, unknown]) => (FRAME.has(name) ? [] : [member]))
}

function placesOf(answer: unknown): unknown[] {
  return Object.entries(answer ?? {}).flatMap(([name, value]: [string, unknown]) => (PLACES.has(name) ? [value] : []))
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
}
