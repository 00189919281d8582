/** An answer in the Redis protocol, version 2; an `Error` is what the server refuses. */
export type RespValue = string | number | null | Error | readonly RespValue[]

/** Turns bytes into answers, however they are cut. */
export interface RespReader {
  push(bytes: Buffer): readonly RespValue[]
}

/** A command as it is sent. */
export function encodeCommand(parts: readonly string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`
}

export function createRespReader(): RespReader {
  let kept: Buffer = Buffer.alloc(0)

  function push(bytes: Buffer): readonly RespValue[] {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes])
    const values: RespValue[] = []
    let at = 0
    for (;;) {
      const read = readValue(kept, at)
      if (read === undefined) break
      values.push(read.value)
      at = read.end
    }
    kept = kept.subarray(at)
    return values
  }

  return { push }
}

interface Read {
  readonly value: RespValue
  readonly end: number
}

/** @returns `undefined` while the answer is not complete */
function readValue(bytes: Buffer, at: number): Read | undefined {
  const lineEnd = bytes.indexOf('\r\n', at)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('utf8', at + 1, lineEnd)
  const end = lineEnd + 2
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case '+':
      return { value: line, end }
    case '-':
      return { value: new Error(line), end }
    case ':':
      return { value: Number(line), end }
    case '$':
      return readBulk(bytes, { length: Number(line), at: end })
    case '*':
      return readArray(bytes, { length: Number(line), at: end })
    default:
      throw new Error('this is no answer of a Redis server')
  }
}

interface Sized {
  readonly length: number
  readonly at: number
}

function readBulk(bytes: Buffer, { length, at }: Sized): Read | undefined {
  if (length < 0) return { value: null, end: at }
  const end = at + length + 2
  return bytes.length < end ? undefined : { value: bytes.toString('utf8', at, at + length), end }
}

function readArray(bytes: Buffer, { length, at }: Sized): Read | undefined {
  if (length < 0) return { value: null, end: at }
  const values: RespValue[] = []
  let next = at
  for (let index = 0; index < length; index += 1) {
    const read = readValue(bytes, next)
    if (read === undefined) return undefined
    values.push(read.value)
    next = read.end
  }
  return { value: values, end: next }
}
