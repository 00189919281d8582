import type { FormatName, Loss } from '@relay/format-converter'
import { convertError, convertRequest, convertResponse, convertStream, toJsonText } from '@relay/format-converter'
import { defineCommand } from 'citty'

import { EXIT_CODES } from '../exit-error.ts'
import { commonArguments, readCount, strictArguments } from './arguments.ts'
import type { ConvertKind } from './convert-kind.ts'
import { CONVERT_KINDS, recogniseKind } from './convert-kind.ts'
import { FORMATS } from './format-names.ts'
import { parseInput, unknownInput } from './parse-input.ts'
import { endWith } from './report.ts'
import { usageError } from './usage-error.ts'

/** As large as a whole answer may be (`reliability` 3.5). Streams pass through and have no such limit. */
const MAX_BODY_BYTES = 64 * 1024 * 1024
/** Enough to see whether a stream begins here. */
const RECOGNITION_BYTES = 64 * 1024

/** `relay convert`: converts a request, an answer, a stream or an error from standard input to standard output. */
export const convert = defineCommand({
  meta: {
    name: 'relay convert',
    description: 'Convert a body from standard input to standard output; losses go to standard error',
  },
  args: {
    from: { type: 'enum', options: [...FORMATS], required: true, description: 'Format of what comes in' },
    to: { type: 'enum', options: [...FORMATS], required: true, description: 'Format of what goes out' },
    kind: { type: 'enum', options: ['auto', ...CONVERT_KINDS], default: 'auto', description: 'What it is' },
    status: {
      type: 'string',
      valueHint: 'number',
      description: 'HTTP status that came with an error; 500 unless given',
    },
    strict: { type: 'boolean', default: false, description: 'Refuse a request that cannot be carried whole' },
    json: { type: 'boolean', default: commonArguments.json.default, description: 'Write losses as lines of JSON' },
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const from = requireFormat('from', args.from)
    const to = requireFormat('to', args.to)
    const asked = CONVERT_KINDS.find((kind) => kind === args.kind)
    const status = readCount('status', args.status) ?? 500
    const losses = await convertInput({ from, to, asked, status, strict: args.strict })
    for (const loss of losses) process.stderr.write(`${args.json ? JSON.stringify(loss) : describeLoss(loss)}\n`)
  },
})

interface Conversion {
  readonly from: FormatName
  readonly to: FormatName
  /** `undefined` = look at it. */
  readonly asked: ConvertKind | undefined
  readonly status: number
  readonly strict: boolean
}

/** Of another name the command line has complained before. */
function requireFormat(option: 'from' | 'to', name: string): FormatName {
  const format = FORMATS.find((candidate) => candidate === name)
  if (format !== undefined) return format
  const what = option === 'from' ? 'comes in' : 'is to go out'
  throw usageError(`--${option} is missing: say in which format the body ${what}, --${option} ${FORMATS.join(' or ')}`)
}

/** Reads as much as is needed to know what it is; a stream is then converted while it comes in. */
async function convertInput(conversion: Conversion): Promise<readonly Loss[]> {
  const input = process.stdin[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer> // no encoding is set
  const head = await readUpTo(input, RECOGNITION_BYTES)
  if (head.length === 0) throw usageError('standard input is empty; give it a body, e.g. with < body.json')
  const isStream = (conversion.asked ?? recogniseKind(head.toString('utf8'))) === 'stream'
  if (isStream) return pipeStream(conversion, head, input)
  const rest = await readUpTo(input, MAX_BODY_BYTES - head.length + 1)
  if (head.length + rest.length > MAX_BODY_BYTES) throw usageError(`a body may have ${MAX_BODY_BYTES} bytes at most`)
  return convertBody(conversion, Buffer.concat([head, rest]).toString('utf8'))
}

async function readUpTo(input: AsyncIterator<Buffer>, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let length = 0; length < bytes;) {
    const next = await input.next()
    if (next.done === true) break
    chunks.push(next.value)
    length += next.value.length
  }
  return Buffer.concat(chunks)
}

async function pipeStream(
  { from, to }: Conversion,
  head: Buffer,
  rest: AsyncIterableIterator<Buffer>,
): Promise<readonly Loss[]> {
  const transform = convertStream({ from, to })
  const writer = transform.writable.getWriter()
  const writing = feed(writer, head, rest)
  for await (const chunk of transform.readable) process.stdout.write(chunk)
  await writing
  const { converter } = transform
  if (converter.error !== undefined) {
    process.stderr.write(`relay: the stream broke: ${converter.error.message}\n`)
    endWith(EXIT_CODES.failed)
  }
  return converter.losses
}

async function feed(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  head: Buffer,
  rest: AsyncIterableIterator<Buffer>,
): Promise<void> {
  try {
    await writer.write(head)
    for await (const chunk of rest) await writer.write(chunk)
    await writer.close()
  } catch {
    // The converter has seen the end of the answer and takes nothing more; what went wrong shows on its other side.
  }
}

function convertBody(conversion: Conversion, text: string): readonly Loss[] {
  const { from, to, status, strict } = conversion
  const body = parseInput(text)
  const kind = conversion.asked ?? recogniseKind(text)
  switch (kind) {
    case 'request': {
      const converted = convertRequest({ from, to, body, strict })
      write(converted.body)
      return converted.losses
    }
    case 'answer': {
      const converted = convertResponse({ from, to, body })
      write(converted.body)
      return converted.losses
    }
    case 'error':
      write(convertError({ from, to, status, body }).body)
      return []
    case 'stream':
    case undefined:
      throw unknownInput(body, `say what it is with --kind ${CONVERT_KINDS.join(' or ')}`)
  }
}

function write(body: Parameters<typeof toJsonText>[0]): void {
  process.stdout.write(`${toJsonText(body)}\n`)
}

function describeLoss({ level, code, path, message, detail }: Loss): string {
  const times = detail?.count === undefined ? '' : ` (${detail.count} times)`
  return `${level.padEnd(8)} ${code}  ${path}  ${message}${times}`
}
