import { describe, expect, test } from 'vitest'

import type { ChatRequest } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import { estimateTextTokens, estimateTokens, pieceWeight } from './estimate-tokens.ts'
import { readImageSize } from './image-size.ts'

const PNG_1_BY_1 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

function requestOf(parts: readonly ContentPart[]): ChatRequest {
  return {
    format: 'openai-chat',
    model: 'm',
    stream: false,
    turns: [{ role: 'user', parts, path: '/messages/0' }],
    tools: [],
    parameters: {},
    vendorFields: [],
  }
}

function image(data: string): ContentPart {
  return { type: 'image', source: { type: 'base64', data, mediaType: 'image/png' }, path: '/messages/0/content/0' }
}

function pdf(length: number): ContentPart {
  const source = { type: 'base64', data: 'A'.repeat(length), mediaType: 'application/pdf' } as const
  return { type: 'document', source, path: '/messages/0/content/0' }
}

describe('texts', () => {
  test.for([
    ['', 0],
    ['abcdefgh', 2],
    ['abcde', 2],
    ['你好', 2],
    ['こんにちは', 5],
    ['éèêë', 2],
    ['123456', 3],
    ['{"a":1}', 3],
    ['𠀀😀😀', 2],
  ] as const)('"%s" is about %i tokens', ([text, tokens]) => {
    expect(estimateTextTokens(text)).toBe(tokens)
  })
})

test('pieces weigh together what the whole weighs, and a very long one what its beginning promises', () => {
  const text = 'Some words, 42 of them, und 中文. '
  const pieces = text.match(/.{1,3}/g)?.reduce((sum, piece) => sum + pieceWeight(piece), 0)
  expect(pieces).toBeCloseTo(pieceWeight(text), 9)
  const long = text.repeat(10_000)
  expect(pieceWeight(long) / (10_000 * pieceWeight(text))).toBeCloseTo(1, 3)
})

test('a turn, its text and its tools add up', () => {
  const request = requestOf([{ type: 'text', text: 'abcdefgh', path: '/messages/0/content' }])
  expect(estimateTokens(request)).toBe(4 + 2)
  const tool = { type: 'function', name: 'look', parameters: {}, path: '/tools/0' } as const
  expect(estimateTokens({ ...request, tools: [tool] })).toBe(4 + 2 + 12 + 1 + 1)
})

test('a small image costs by its size, an unreadable one the most', () => {
  expect(estimateTokens(requestOf([image(PNG_1_BY_1)]))).toBe(4 + 1)
  expect(estimateTokens(requestOf([image('????')]))).toBe(4 + 1_600)
})

test('a PDF costs by its bytes, up to a bound', () => {
  expect(estimateTokens(requestOf([pdf(4_000)]))).toBe(4 + 60)
  expect(estimateTokens(requestOf([pdf(8_000_000)]))).toBe(4 + 100_000)
})

test('results count with what they hold', () => {
  const result: ContentPart = {
    type: 'tool-result',
    callId: 'c',
    parts: [{ type: 'text', text: 'abcd', path: '' }],
    form: 'json',
    path: '',
  }
  expect(estimateTokens(requestOf([result]))).toBe(4 + 1)
})

test('the size of a JPEG stands behind its metadata', () => {
  const segment = [0xff, 0xe0, 0x00, 0x04, 0x00, 0x00]
  const frame = [0xff, 0xc0, 0x00, 0x0b, 0x08, 0x01, 0x00, 0x02, 0x00, 0x01, 0x00, 0x00]
  const bytes = Buffer.from([0xff, 0xd8, ...segment, ...frame])
  expect(readImageSize(bytes.toString('base64'))).toEqual({ width: 512, height: 256 })
  expect(readImageSize('R0lGODlhAQABAAAAACw=')).toBeUndefined()
})
