import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chatAnswer, openAiErrorReply, startFakeUpstream } from '@relay/upstreams/testing'
import type { FakeAnswer, RecordedRequest } from '@relay/upstreams/testing'

import { clientLaunch } from '../../src/run-client/client-launch.ts'
import { runClient } from '../clients/client-process.ts'
import { startRelayProcess } from '../process-harness.ts'

/** What was seen of Claude Code on a model with a small window. */
export interface CompactionRun {
  readonly windowTokens: number
  readonly requests: number
  /** Requests for a summary of the conversation so far. */
  readonly compactions: number
  /** The largest request, in tokens as the model counts them. */
  readonly largestTokens: number
  /** Requests that were larger than the window. */
  readonly refusals: number
  readonly completed: boolean
}

const WINDOW_TOKENS = 128_000
/** Calls of a tool, each of which brings about 3,000 tokens: more than the window holds. */
const CALLS = 48
const LAST_WORDS = 'All of it was read.'
const RELAY_LIMIT_MS = 600_000

/** Sends Claude Code out as `relay run` does, to a Chat model of 128,000 tokens that refuses what is longer. */
export async function runCompaction(program: readonly string[]): Promise<CompactionRun> {
  const root = mkdtempSync(join(tmpdir(), 'relay-compaction-'))
  const seen = { requests: 0, calls: 0, compactions: 0, largestTokens: 0, refusals: 0 }
  const upstream = await startFakeUpstream((request) => answer(request, seen))
  const account = {
    name: 'small',
    type: 'openai-chat',
    baseUrl: upstream.url,
    models: { '*': 'gpt-4o' },
    credential: 'credential-small',
  }
  const relay = await startRelayProcess([account], { limitMs: RELAY_LIMIT_MS })
  try {
    for (const name of ['home', 'work']) mkdirSync(join(root, name))
    const launch = clientLaunch('claude', {
      relayUrl: relay.url,
      relayKey: relay.key,
      model: 'gpt-4o',
      contextWindow: WINDOW_TOKENS,
      maxOutputTokens: 8000,
    })
    const environment = Object.fromEntries(
      Object.entries(launch.environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const end = await runClient({
      program,
      words: ['-p', 'Read all of it.', '--dangerously-skip-permissions'],
      folder: join(root, 'work'),
      environment: {
        ...environment,
        HOME: join(root, 'home'),
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        IS_SANDBOX: '1', // or it refuses to skip permissions for root
      },
    })
    const { requests, compactions, largestTokens, refusals } = seen
    const completed = end.lines.join('\n').includes(LAST_WORDS)
    return { windowTokens: WINDOW_TOKENS, requests, compactions, largestTokens, refusals, completed }
  } finally {
    await relay.stop()
    await upstream.close()
    rmSync(root, { recursive: true, force: true })
  }
}

interface Seen {
  requests: number
  calls: number
  compactions: number
  largestTokens: number
  refusals: number
}

function answer(request: RecordedRequest, seen: Seen): FakeAnswer {
  const inputTokens = Math.ceil(request.body.length / 4)
  seen.requests += 1
  seen.largestTokens = Math.max(seen.largestTokens, inputTokens)
  if (inputTokens > WINDOW_TOKENS) {
    seen.refusals += 1
    const message = `This model's maximum context length is ${WINDOW_TOKENS} tokens. However, your messages resulted in ${inputTokens} tokens.`
    return openAiErrorReply(400, { message, code: 'context_length_exceeded' })
  }
  if (asksForSummary(request)) {
    seen.compactions += 1
    return chatAnswer({
      text: '<summary>The numbers were read one file after the other.</summary>',
      inputTokens,
    }).reply(request)
  }
  if (!request.body.includes('"tools"')) return chatAnswer({ text: 'A title', inputTokens }).reply(request)
  seen.calls += 1
  if (seen.calls > CALLS) return chatAnswer({ text: LAST_WORDS, inputTokens }).reply(request)
  const command = `seq ${seen.calls}00000 ${seen.calls}04200`
  const call = { id: `call_${seen.calls}`, name: 'Bash', arguments: { command, description: 'Reads on' } }
  return chatAnswer({ toolCalls: [call], inputTokens }).reply(request)
}

/** Its last message asks for a summary of the conversation. */
function asksForSummary({ json }: RecordedRequest): boolean {
  const messages = (json as { readonly messages?: readonly { readonly content?: unknown }[] }).messages ?? [] // a Chat request
  return /create a detailed summary|summary of the conversation/i.test(JSON.stringify(messages.at(-1)?.content ?? ''))
}
