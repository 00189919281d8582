import { detectFormat, type FormatName } from '@relay/format-converter'
import { defineCommand } from 'citty'

import { expectedCostOf } from '../diagnose/expected-cost.ts'
import { type AnswerExplanation, explainAnswer } from '../diagnose/explain-answer.ts'
import { explainRequest, type RequestExplanation } from '../diagnose/explain-request.ts'
import { EXIT_CODES } from '../exit-error.ts'
import { readPrices } from '../meter/price-settings.ts'
import { createLog } from '../observe/log.ts'
import { refusedParametersOf } from '../relay/choose/account-pool.ts'
import { createSessionMemory } from '../relay/choose/affinity.ts'
import { createRoutingBook } from '../relay/choose/routing-book.ts'
import { createThreadMemory } from '../relay/choose/threads.ts'
import { createRuleBook } from '../relay/prepare/rule-book.ts'
import { createResponseHolders } from '../relay/responses/response-holders.ts'
import { amount } from './amount.ts'
import { commonArguments, readCount, strictArguments } from './arguments.ts'
import { recogniseKind } from './convert-kind.ts'
import { FORMATS } from './format-names.ts'
import { parseInput, unknownInput } from './parse-input.ts'
import { endWith, formatTable, oneLine, report } from './report.ts'
import { usageError } from './usage-error.ts'
import { requireRelayKey } from './views.ts'
import { withStore } from './with-store.ts'

/** As large as a whole answer may be (`reliability` 3.5). */
const MAX_INPUT_BYTES = 64 * 1024 * 1024

const WHAT = { answer: 'an answer', stream: 'a stream', error: 'an error' } as const

/** `relay explain`: what Relay would do with a request, or makes of a pasted answer; nothing is sent. */
export const explain = defineCommand({
  meta: {
    name: 'relay explain',
    description: 'Say what becomes of a request, an answer or an event stream from standard input; nothing is sent',
  },
  args: {
    format: {
      type: 'enum',
      options: [...FORMATS],
      description: 'Format of the request, or of the client of an answer',
    },
    from: { type: 'enum', options: [...FORMATS], description: 'Format of a pasted answer; else it is recognised' },
    status: { type: 'string', valueHint: 'number', description: 'HTTP status that came with an answer' },
    key: { type: 'string', valueHint: 'name', description: 'As if this relay key had asked' },
    account: { type: 'string', valueHint: 'name', description: 'As if this account were the only one' },
    ...commonArguments,
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const text = await readInput()
    const kind = recogniseKind(text)
    const format = FORMATS.find((name) => name === args.format)
    if (kind !== undefined && kind !== 'request') {
      if (format === undefined)
        throw usageError(
          `standard input is ${WHAT[kind]}; say what its client speaks, --format ${FORMATS.join(' or ')}`,
        )
      const from = FORMATS.find((name) => name === args.from)
      const status = readCount('status', args.status)
      const explanation = explainAnswer({ text, from, to: format, status })
      if (explanation.trouble !== undefined) endWith(EXIT_CODES.failed)
      return report(args, explanation, describeAnswer(explanation))
    }
    await withStore(args, async ({ config, store }) => {
      const log = createLog({ level: 'silent' })
      const prices = await readPrices({ store, file: config.pricesFile, log })
      const explanation = await explainRequest(
        {
          listAccounts: () => store.listAccounts(),
          inFlight: () => 0,
          rules: createRuleBook(store, log),
          routing: createRoutingBook(store, log),
          expectedCost: expectedCostOf(prices),
          factsOf: prices.modelFacts,
          refusedParameters: refusedParametersOf,
          sessions: createSessionMemory({ store, log }),
          threads: createThreadMemory({ store, log }),
          responses: { store, log, holders: createResponseHolders({ store, log }) },
        },
        {
          format: format ?? formatOf(text),
          body: Buffer.from(text),
          headers: {},
          key: args.key === undefined ? undefined : await requireRelayKey(store, args.key),
          account: args.account,
        },
      )
      if (explanation.refusal !== undefined) endWith(EXIT_CODES.failed)
      report(args, explanation, describeRequest(explanation))
    })
  },
})

async function readInput(): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_INPUT_BYTES) throw usageError(`a body may have ${MAX_INPUT_BYTES} bytes at most`)
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  if (text.trim() === '') throw usageError('standard input is empty; give it a body, e.g. with < body.json')
  return text
}

function formatOf(text: string): FormatName {
  const body = parseInput(text)
  const format = detectFormat('', body)
  if (format !== undefined) return format
  throw unknownInput(body, `if it is a request, say in which format, --format ${FORMATS.join(' or ')}`)
}

function describeRequest({ format, model, refusal, sent, losses, expected, routing }: RequestExplanation): string {
  const lines = [`A request in ${format}, for ${oneLine(model)}`]
  if (refusal !== undefined) lines.push(`Refused (${refusal.status ?? refusal.kind}): ${oneLine(refusal.message)}`)
  if (sent !== undefined) {
    const way = sent.isSameFormat ? 'passed on' : `converted to ${sent.format}`
    lines.push(`${way}, to "${oneLine(sent.accountName)}" as ${oneLine(sent.model)}, at ${oneLine(sent.url)}`)
  }
  lines.push(...describeLosses(losses))
  if (expected !== undefined) {
    const { inputTokens, maxOutputTokens, costMicroUsd } = expected
    const cost = costMicroUsd === undefined ? 'unknown' : `${costMicroUsd / 1_000_000} USD at most`
    lines.push(
      `Expected: ${inputTokens} input tokens (estimated), output up to ${maxOutputTokens ?? 'no limit'}, price ${cost}`,
    )
  }
  const candidates = routing.candidates.map((each, index) => [each.name, index === 0 ? 'takes it' : 'could take it'])
  const rejected = routing.rejected.map(({ name, reason }) => [name, reason])
  lines.push(formatTable(['Account', 'Decision'], [...candidates, ...rejected]))
  if (sent !== undefined) lines.push('', sent.body)
  return lines.join('\n')
}

function describeAnswer({ kind, from, to, converted, trouble, losses, usage, events }: AnswerExplanation): string {
  const lines = [`${kind === 'answer' ? 'An' : 'A'} ${kind} in ${from}, for a client of ${to}`]
  if (events !== undefined) lines.push(amount(events, 'event'))
  if (trouble !== undefined) lines.push(`Trouble: ${oneLine(trouble)}`)
  lines.push(...describeLosses(losses))
  lines.push(`Usage: ${usage === undefined ? 'none reported' : JSON.stringify(usage)}`, '', converted)
  return lines.join('\n')
}

function describeLosses(losses: RequestExplanation['losses']): readonly string[] {
  if (losses.length === 0) return ['No losses']
  return losses.map(({ level, code, path, message }) => `  ${level.padEnd(8)} ${code}  ${path}  ${oneLine(message)}`)
}
