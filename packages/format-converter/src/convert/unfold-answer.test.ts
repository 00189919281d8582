import { expect, test } from 'vitest'

import type { Answer, AnswerBlock } from '../model/answer.ts'
import { foldAnswer, unfoldAnswer } from './unfold-answer.ts'

const BARE: Pick<AnswerBlock, 'citations' | 'seal' | 'logprobs' | 'raw'> = {
  citations: [],
  seal: undefined,
  logprobs: undefined,
  raw: undefined,
}
const citation = { url: 'https://example.com', format: 'openai-chat', raw: { type: 'url_citation' } } as const
const seal = { kind: 'anthropic-signature', format: 'anthropic-messages', value: 'c2ln' } as const
const raw = { type: 'web_search_call', status: 'completed' }

const ANSWER: Answer = {
  id: 'msg_1',
  model: 'm',
  createdSeconds: 1,
  blocks: [
    { ...BARE, part: { type: 'reasoning', kind: 'summary' }, text: 'a\n\nb', sections: ['a', 'b'], seal },
    {
      ...BARE,
      part: { type: 'text' },
      text: 'hi',
      sections: ['hi'],
      citations: [citation],
      logprobs: [{ token: 'hi' }],
    },
    { ...BARE, part: { type: 'tool-call', id: 'c', name: 'n', form: 'json' }, text: '', sections: [''] },
    { ...BARE, part: { type: 'server-tool', format: 'openai-responses', raw: {} }, text: '', sections: [''], raw },
  ],
  usage: { inputUncached: 1, output: 2 },
  stop: 'stop_sequence',
  stopSequence: 'END',
  stopDetails: { type: 'refusal' },
}

test('an answer is the fold of its own events', () => {
  expect(foldAnswer(unfoldAnswer(ANSWER))).toEqual(ANSWER)
})

test('a text may have the probabilities of more tokens than a call takes arguments', () => {
  const logprobs = Array.from({ length: 200_000 }, () => ({ token: 'hi' }))
  const block = { ...BARE, part: { type: 'text' } as const, text: 'hi', sections: ['hi'], logprobs }
  const [folded] = foldAnswer(unfoldAnswer({ ...ANSWER, blocks: [block] })).blocks
  expect(folded?.logprobs).toHaveLength(logprobs.length)
})

test('blocks are opened and closed in order, and the end comes last', () => {
  const order = unfoldAnswer(ANSWER).map((event) => ('block' in event ? `${event.type} ${event.block}` : event.type))
  expect(order.slice(0, 7)).toEqual(['start', 'open 0', 'delta 0', 'boundary 0', 'delta 0', 'seal 0', 'close 0'])
  expect(order.slice(-3)).toEqual(['usage', 'finish', 'end'])
})
