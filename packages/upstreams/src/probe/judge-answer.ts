import type { FormatName } from '@relay/format-converter'

import { recogniseAnswerFormat } from '../recognise-answer.ts'
import { fieldOf, listIn, parseObject } from './read-fields.ts'
import { redactAnswer } from './redact-answer.ts'
import type { AccountTestName } from './test-requests.ts'

/** An answer to a test request. */
export interface TestAnswer {
  readonly name: AccountTestName
  readonly status: number
  readonly body: Uint8Array
  readonly answerFormat: FormatName
  /** Taken out of what the upstream says, should it repeat it. */
  readonly secret: string | undefined
}

/** Whether the answer is what the test hoped for. */
export interface TestJudgement {
  readonly isGood: boolean
  /** One sentence without the answer's text. */
  readonly message: string
}

/** Judges an answer by its shape alone. */
export function judgeAnswer(answer: TestAnswer): TestJudgement {
  const { name, status, body, answerFormat, secret } = answer
  const text = Buffer.from(body).toString('utf8')
  if (status < 200 || status >= 300) return bad(describeError(status, text, secret))
  if (name === 'stream') return judgeStream(text, body, answerFormat)
  const parsed = parseObject(text)
  if (parsed === undefined) return bad('the answer is not a JSON object')
  const format = recogniseAnswerFormat(parsed, answerFormat) ?? answerFormat
  const shape = readShape(format, parsed)
  if (shape === undefined) return bad(`the answer is not a ${format} answer`)
  if (name === 'whole') return good(`a whole ${format} answer`)
  return shape.hasToolCall ? good('the tool was called') : bad('the model answered without calling the tool')
}

/** What must be in a stream that has come to its proper end. */
const TERMINALS: Readonly<Record<FormatName, RegExp>> = {
  'anthropic-messages': /"type"\s*:\s*"message_stop"/,
  'openai-chat': /^data: ?\[DONE\]|"finish_reason"\s*:\s*"/m,
  'openai-responses': /"type"\s*:\s*"response\.(?:completed|incomplete)"/,
  gemini: /"finishReason"\s*:\s*"/,
}

function judgeStream(text: string, body: Uint8Array, expected: FormatName): TestJudgement {
  if (!/^data:/m.test(text)) return bad('the answer to a stream request is not an event stream')
  const format = recogniseAnswerFormat(body, expected) ?? expected
  return TERMINALS[format].test(text)
    ? good(`a complete ${format} stream`)
    : bad(`the stream ended without the last event of ${format}`)
}

interface Shape {
  readonly hasToolCall: boolean
}

function readShape(format: FormatName, body: object): Shape | undefined {
  switch (format) {
    case 'anthropic-messages': {
      const blocks = listIn(body, 'content')
      return blocks && { hasToolCall: blocks.some((block) => fieldOf(block, 'type') === 'tool_use') }
    }
    case 'openai-chat': {
      const message = fieldOf(listIn(body, 'choices')?.[0], 'message')
      if (typeof message !== 'object' || message === null) return undefined
      return { hasToolCall: (listIn(message, 'tool_calls')?.length ?? 0) > 0 }
    }
    case 'openai-responses': {
      const items = listIn(body, 'output')
      return items && { hasToolCall: items.some((item) => fieldOf(item, 'type') === 'function_call') }
    }
    case 'gemini': {
      const candidates = listIn(body, 'candidates')
      return candidates && { hasToolCall: false }
    }
  }
}

/** Of an error body only its message is shown: that is what tells an operator what to mend. */
export function describeError(status: number, text: string, secret: string | undefined): string {
  const parsed = parseObject(text)
  const error = fieldOf(parsed, 'error')
  const said = fieldOf(error, 'message') ?? fieldOf(parsed, 'message') ?? error
  if (typeof said !== 'string') return `the upstream answered ${status}`
  return `the upstream answered ${status}: ${redactAnswer(said, secret).slice(0, 300)}`
}

function good(message: string): TestJudgement {
  return { isGood: true, message }
}

function bad(message: string): TestJudgement {
  return { isGood: false, message }
}
