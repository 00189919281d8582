import { readFileSync } from 'node:fs'

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'

import { createConverter } from '../src/index.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const CHINESE = `中继站位于调用语言模型的工具与运行模型的服务之间。工具使用一个中继密钥,以其供应商的接口与同一个地址通信;
中继站挑选一个账户,在账户的上游使用另一种格式时转换请求,把回答流式地送回,并写下一条用量记录。任何无法传递的内容都不会悄悄丢失,
中断的流看起来绝不会像已经完成,数字也绝不会凭空捏造。`

const JAPANESE = `リレーは、言語モデルを呼び出すツールと、それを動かすサービスの間に立ちます。何も黙って失われることはなく、
途切れたストリームが完了したように見えることもありません。`

const ENGLISH = `A relay stands between tools that call language models and the services that run them. A tool speaks its
vendor's interface to one address with one key; the relay picks an account, converts the request where the account's upstream
speaks another format, streams the answer back, and writes one usage record. Nothing is dropped silently, a broken stream
never looks finished, and a number is never invented.`

const TOOL = {
  name: 'get_weather',
  description: 'Gives the weather forecast of a place for the next days, in the unit that is asked for.',
  input_schema: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'City and country, for example "Lisbon, Portugal"' },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer', minimum: 1, maximum: 14 },
    },
    required: ['city'],
    additionalProperties: false,
  },
}

const converter = createConverter({ client: 'anthropic-messages', upstream: 'openai-chat' })
/** What a turn costs beside its text. */
const PER_TURN = 4

function estimate(text: string): number {
  const messages = [{ role: 'user', content: text }]
  return converter.count({ model: 'm', messages }).inputTokens - PER_TURN
}

interface Sample {
  readonly kind: string
  readonly text: string
  /** Least and most of the tokenizer's count, as factors. */
  readonly between: readonly [least: number, most: number]
}

const SAMPLES: readonly Sample[] = [
  { kind: 'English prose', text: ENGLISH, between: [0.95, 1.35] },
  { kind: 'technical prose', text: read('../../../ARCHITECTURE.md'), between: [0.95, 1.35] },
  { kind: 'TypeScript', text: read('../src/convert/exchange.ts'), between: [0.9, 1.25] },
  { kind: 'formatted JSON', text: read('../package.json'), between: [0.85, 1.2] },
  { kind: 'compact JSON', text: JSON.stringify(JSON.parse(read('../package.json'))), between: [0.85, 1.2] },
  { kind: 'Chinese', text: CHINESE, between: [0.95, 1.5] },
  { kind: 'Japanese', text: JAPANESE, between: [0.95, 1.5] },
  { kind: 'numbers', text: '1234567890 3.14159265 2026-11-23T17:00:00Z '.repeat(9), between: [0.6, 1.1] },
]

describe('the estimate beside a real tokenizer (o200k_base)', () => {
  test.for(SAMPLES)('$kind', ({ text, between: [least, most] }) => {
    const factor = estimate(text) / countTokens(text)
    expect(factor).toBeGreaterThan(least)
    expect(factor).toBeLessThan(most)
  })

  test('tools: their JSON, and what surrounds it', () => {
    const messages = [{ role: 'user', content: 'hi' }]
    const tools = Array.from({ length: 20 }, (_, index) => ({ ...TOOL, name: `${TOOL.name}_${index}` }))
    const without = converter.count({ model: 'm', messages }).inputTokens
    const factor =
      (converter.count({ model: 'm', messages, tools }).inputTokens - without) / countTokens(JSON.stringify(tools))
    expect(factor).toBeGreaterThan(0.85)
    expect(factor).toBeLessThan(1.35)
  })
})

test('a million characters are counted in one go', () => {
  expect(estimate('relay '.repeat(200_000))).toBeGreaterThan(200_000)
})
