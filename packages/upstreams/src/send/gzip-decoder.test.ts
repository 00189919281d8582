import { constants, gzipSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { createBodyDecoder } from './body-decoder.ts'

/** What comes out of a body, and how it ends. */
async function decode(pieces: readonly Uint8Array[]): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    const decoder = createBodyDecoder('gzip', {
      onData: (chunk) => (text += Buffer.from(chunk).toString()),
      onDrain: () => {},
      onEnd: () => resolve(`${text}|end`),
      onError: ({ isCut }) => resolve(`${text}|${isCut ? 'cut' : 'broken'}`),
    })
    for (const piece of pieces) decoder?.write(piece)
    decoder?.end()
  })
}

const hello = gzipSync('hello ')
const world = gzipSync('world')
const NAMED = Buffer.concat([
  Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]),
  Buffer.from('name\0comment\0'),
  Buffer.from([0, 0]),
  hello.subarray(10),
])
const damaged = Buffer.from(hello)
damaged[hello.length - 8] = (damaged[hello.length - 8] ?? 0) ^ 1

const BODIES: readonly (readonly [name: string, body: readonly Uint8Array[], outcome: RegExp])[] = [
  ['one member', [hello], /^hello \|end$/],
  ['two members', [hello, world], /^hello world\|end$/],
  ['an empty member between', [hello, gzipSync(''), world], /^hello world\|end$/],
  ['a header with everything', [NAMED, world], /^hello world\|end$/],
  ['no compression', [gzipSync('hello ', { level: constants.Z_NO_COMPRESSION })], /^hello \|end$/],
  ['words behind it', [hello, Buffer.from('garbage')], /^hello \|end$/],
  ['a member behind words', [hello, Buffer.from('garbage'), world], /^hello \|end$/],
  ['a line end behind two members', [hello, world, Buffer.from('\r\n')], /^hello world\|end$/],
  ['zeros behind it', [hello, Buffer.alloc(20)], /^hello \|end$/],
  ['the beginning of a header behind it', [hello, Buffer.from([0x1f, 0x8b])], /^hello \|end$/],
  [
    'a header that is none behind it',
    [hello, Buffer.from([0x1f, 0x8b, 8, 0xff, 0, 0, 0, 0, 0, 0, 0])],
    /^hello \|end$/,
  ],
  ['nothing at all', [], /^\|end$/],
  ['a cut trailer', [hello.subarray(0, -3)], /\|cut$/],
  ['no trailer', [hello.subarray(0, -8)], /\|cut$/],
  ['a cut header', [hello.subarray(0, 6)], /\|cut$/],
  ['cut data of a second member', [hello, world.subarray(0, 12)], /\|cut$/],
  ['a wrong checksum', [damaged], /^hello \|broken$/],
  ['plain text', [Buffer.from('plain')], /^\|broken$/],
]

describe('a gzip body', () => {
  test.for(BODIES)('with %s ends as it should, however it is cut', async ([, parts, outcome]) => {
    const body = Buffer.concat(parts)
    const single = Array.from(body, (_, at) => body.subarray(at, at + 1))
    const ways = [parts, body.length === 0 ? [] : [body], single]
    // how much comes out of what is cut is the engine's affair
    for (const pieces of ways) expect(await decode(pieces)).toMatch(outcome)
  })

  test('that is large comes out whole, and asks its source to wait', async () => {
    const large = 'abcdefgh'.repeat(512 * 1024)
    const body = Buffer.concat([gzipSync(large, { level: 0 }), Buffer.from('behind')])
    let bytes = 0
    let drained = 0
    let at = 0
    const { promise: ended, resolve } = Promise.withResolvers<string>()
    const decoder = createBodyDecoder('gzip', {
      onData: (chunk) => (bytes += chunk.length),
      onDrain: () => {
        drained += 1
        feed()
      },
      onEnd: () => resolve('end'),
      onError: () => resolve('error'),
    })
    function feed(): void {
      while (at < body.length && decoder?.write(body.subarray(at, (at += 50_000))) === true);
      if (at >= body.length) decoder?.end()
    }
    feed()
    expect(await ended).toBe('end')
    expect(bytes).toBe(large.length)
    expect(drained).toBeGreaterThan(0)
  })
})
