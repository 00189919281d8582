import { expect, it } from 'vitest'

import { Utf8Stream } from './utf8-stream.ts'

const TEXTS = {
  plain: 'data: 1\n\n',
  'long characters': 'é€𝄞\nü',
  'marks at the beginning and inside': '\uFEFFa\uFEFF\nb',
  'a character that never ends': Uint8Array.of(0x61, 0xe2, 0x82),
  'bytes that are no UTF-8': Uint8Array.of(0xff, 0x0a, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a),
  'a mark that never ends': Uint8Array.of(0xef, 0xbb),
}

it.each(Object.entries(TEXTS))('%s: as a decoder of the whole, at every cut', (_, text) => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const whole = new TextDecoder().decode(bytes)
  for (let first = 0; first <= bytes.length; first += 1)
    for (let second = first; second <= bytes.length; second += 1) {
      const stream = new Utf8Stream()
      const pieces = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
      expect(pieces.map((piece) => stream.decode(piece)).join('') + stream.end()).toBe(whole)
    }
})
