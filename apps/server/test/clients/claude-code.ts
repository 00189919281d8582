import { runClient } from './client-process.ts'
import type { NextInput } from './client-process.ts'
import type { ClientReport, ClientSetup, Errand } from './client.ts'
import type { Loose } from './model/asked.ts'

/** Claude Code without a terminal; it is asked for a title first, and for the use of its context last. */
export function claudeCode(variant: string, model: string): ClientSetup {
  return {
    client: 'claude-code',
    variant,
    format: 'anthropic-messages',
    sideRequests: ['title', 'web-search', 'count'],
    run: (errand) => run(errand, model),
  }
}

/** One JSON object a line, both ways. */
const STREAMED = ['-p', '--verbose', '--input-format', 'stream-json', '--output-format', 'stream-json']

async function run(errand: Errand, model: string): Promise<ClientReport> {
  const title = { subtype: 'generate_session_title', description: errand.prompt, persist: false }
  const question = { type: 'user', message: { role: 'user', content: errand.prompt } }
  const end = await runClient({
    program: errand.program,
    words: [...STREAMED, '--model', model, '--dangerously-skip-permissions'],
    folder: errand.folder,
    environment: {
      HOME: errand.home,
      ANTHROPIC_BASE_URL: errand.relayUrl,
      ANTHROPIC_AUTH_TOKEN: errand.relayKey,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      IS_SANDBOX: '1', // or it refuses to skip permissions for root
    },
    input: control('title', title) + line(question),
    onLine: (text) => next(JSON.parse(text)),
  })
  const events: Loose[] = end.lines.map((text) => JSON.parse(text))
  const result = events.findLast(({ type }) => type === 'result')
  const troubles = events.filter(isTrouble).map((event) => JSON.stringify(event).slice(0, 1000))
  if (end.exitCode !== 0) troubles.push(`claude ended with ${end.exitCode}: ${end.stderr.slice(-500)}`)
  return { output: result?.result ?? '', troubles, tokens: tokensOf(result?.usage) }
}

/** After the result comes the last question, and after its answer nothing more. */
function next({ type, response }: Loose): NextInput {
  if (type === 'result') return { type: 'line', text: control('context', { subtype: 'get_context_usage' }) }
  const isLast = type === 'control_response' && response.request_id === 'context'
  return { type: isLast ? 'end' : 'nothing' }
}

function isTrouble({ type, is_error: isError, response }: Loose): boolean {
  return (type === 'result' && isError === true) || (type === 'control_response' && response.subtype === 'error')
}

function tokensOf(usage: Loose): ClientReport['tokens'] {
  if (usage === undefined) return undefined
  const input = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
  return { input, output: usage.output_tokens }
}

function control(id: string, request: object): string {
  return line({ type: 'control_request', request_id: id, request })
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
