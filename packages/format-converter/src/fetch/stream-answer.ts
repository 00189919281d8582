import type { ByteStreamConverter } from '../convert/answer-stream.ts'
import type { Exchange } from '../convert/open-exchange.ts'
import type { Failure } from '../model/failure.ts'

/** A stream that began, or the failure that came in place of its first event. */
export type StreamStart =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly failure: Failure }

interface Pump {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly converter: ByteStreamConverter
  /** The upstream has nothing more to say, or nobody listens any more. */
  isOver: boolean
}

/** How long an answer that lacks nothing but its last word waits for more, in milliseconds. */
const LAST_WORD_MS = 3_000
const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/**
 * Converts a stream as fast as the SDK reads it. Waits for the first event, so that trouble before it has a real status.
 *
 * @throws the reason of the abort, or of the network's failure before the first byte
 */
export async function streamAnswer(
  exchange: Exchange,
  answer: Response,
  ownHeaders: Readonly<Record<string, string>>,
): Promise<StreamStart> {
  const source = answer.body ?? new Blob([]).stream()
  const pump: Pump = { reader: source.getReader(), converter: exchange.byteStream(), isOver: false }
  const head: Uint8Array[] = []
  while (!pump.isOver && !pump.converter.committed) head.push(toBytes(await advance(pump)))
  const { error, committed } = pump.converter
  if (error !== undefined && !committed) return { ok: false, failure: error }
  const headers = { ...ownHeaders, ...STREAM_HEADERS }
  return { ok: true, response: new Response(readable(pump, head), { headers }) }
}

/** One read of the upstream. Its loss in the middle of an answer becomes the client's own error event. */
async function advance(pump: Pump): Promise<string | Uint8Array> {
  const { converter } = pump
  const part = await read(pump).catch((error: unknown) => {
    if (isAbort(error) || !converter.committed) throw error
    return undefined
  })
  if (part === undefined || part.done) pump.isOver = true
  if (part === undefined) return converter.fail({ kind: 'upstream_truncated', message: 'the connection was lost' })
  const output = part.done ? converter.end() : converter.push(part.value)
  if (converter.state === 'finished' || converter.state === 'failed') stop(pump)
  return output
}

type Part = Awaited<ReturnType<Pump['reader']['read']>>

/** @returns `undefined` when the wait for the last word is over */
async function read({ reader, converter }: Pump): Promise<Part | undefined> {
  if (!converter.lacksOnlyEnd) return reader.read()
  let timer: ReturnType<typeof setTimeout> | undefined
  const overdue = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), LAST_WORD_MS)
  })
  try {
    return await Promise.race([reader.read(), overdue])
  } finally {
    clearTimeout(timer)
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** Nothing more is wanted of the upstream, whatever it still has to say. */
function stop(pump: Pump): void {
  pump.isOver = true
  pump.reader.cancel().catch(() => undefined) // the connection is gone already
}

function readable(pump: Pump, head: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const bytes of head) if (bytes.length > 0) controller.enqueue(bytes)
      if (pump.isOver) controller.close()
    },
    // a pull that gives nothing is not repeated: read on until there is something to give
    pull: async (controller) => {
      let bytes = new Uint8Array(0)
      while (!pump.isOver && bytes.length === 0) bytes = toBytes(await advance(pump))
      if (bytes.length > 0) controller.enqueue(bytes)
      if (pump.isOver) controller.close()
    },
    cancel: (reason) => pump.reader.cancel(reason),
  })
}

const utf8 = new TextEncoder()

function toBytes(output: string | Uint8Array): Uint8Array<ArrayBuffer> {
  // a view of the network's own bytes, which are never shared memory
  return typeof output === 'string' ? utf8.encode(output) : (output as Uint8Array<ArrayBuffer>)
}
