import { judgeChatStream } from '../../src/testing/chat-judge.ts'
import type { Loose } from '../../src/testing/loose.ts'
import { judgeMessagesStream } from '../../src/testing/messages-judge.ts'
import { judgeResponsesStream } from '../../src/testing/responses-judge.ts'
import { plain } from './exchanges.ts'
import type { Format } from './pairs.ts'

const JUDGES: { readonly [Name in Format]: (sse: string) => Promise<unknown> } = {
  'anthropic-messages': judgeMessagesStream,
  'openai-chat': judgeChatStream,
  'openai-responses': judgeResponsesStream,
}

/** What the official SDK's accumulator makes of a stream; rejects where the SDK rejects. */
export async function judge(format: Format, sse: string): Promise<Loose> {
  return plain(await JUDGES[format](sse))
}

/** Members that the SDKs put on final objects for their own use. */
const OF_THE_SDK: ReadonlySet<string> = new Set([
  'parsed',
  'output_parsed',
  'output_text',
  'parsed_output',
  'parsed_arguments',
])

/** Members of a Chat message that the SDK does not know: of several fragments it keeps the last. */
const UNKNOWN_TO_CHAT: ReadonlySet<string> = new Set([
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'annotations',
])

/** Usage that `message_delta` has no place for. */
const NOT_IN_DELTA: ReadonlySet<string> = new Set(['cache_creation', 'service_tier', 'speed', 'inference_geo'])

/** A whole answer without what a stream of its format cannot carry to the SDK (contract 4.9). */
export function comparable(format: Format, answer: Loose): Loose {
  switch (format) {
    case 'anthropic-messages':
      return {
        ...without(answer, OF_THE_SDK),
        content: answer.content.map(comparableBlock),
        usage: without(answer.usage, NOT_IN_DELTA),
      }
    case 'openai-chat':
      return { ...answer, choices: answer.choices.map(comparableChoice) }
    case 'openai-responses':
      return { ...without(answer, OF_THE_SDK), output: answer.output.map(comparableItem) }
  }
}

/** Arguments that are cut off: a stream hands them on as they came, of which the SDK makes nothing. */
function comparableBlock(block: Loose): Loose {
  if (block.type === 'compaction') return { type: block.type } // what its delta holds is known to the SDK's beta alone
  return block.input?.raw_arguments === undefined ? block : { ...block, input: {} }
}

function comparableChoice({ message, ...choice }: Loose): Loose {
  const bare = without(without(message, OF_THE_SDK), UNKNOWN_TO_CHAT)
  const calls = bare.tool_calls?.map((call: Loose) =>
    call.function === undefined ? call : { ...call, function: without(call.function, OF_THE_SDK) },
  )
  return { ...choice, message: calls === undefined ? bare : { ...bare, tool_calls: calls } }
}

function comparableItem(item: Loose): Loose {
  const bare = without(item, OF_THE_SDK)
  if (!Array.isArray(bare.content)) return bare
  return { ...bare, content: bare.content.map((part: Loose) => without(part, OF_THE_SDK)) }
}

function without(object: Loose, names: ReadonlySet<string>): Loose {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)))
}
