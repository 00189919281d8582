import type { UsageRecord } from '@relay/account-store'

/** Does harm only where text is taken for HTML. */
export const CANARY = `<img src=x onerror="document.title='owned'">`

const NOTHING_KNOWN: UsageRecord['tokens'] = {
  inputTokens: undefined,
  cacheReadTokens: undefined,
  cacheWrite5mTokens: undefined,
  cacheWrite1hTokens: undefined,
  cacheWriteOtherTokens: undefined,
  outputTokens: undefined,
  reasoningTokens: undefined,
}

/** A converted, streamed request that went well; `changes` say what is different about this one. */
export function usageSample(changes: Partial<UsageRecord> & Pick<UsageRecord, 'requestId' | 'startedAt'>): UsageRecord {
  return {
    keyId: 'key-1',
    keyName: 'laptop',
    owner: 'ada',
    team: undefined,
    accountId: 'account-1',
    accountName: 'main',
    modelAsked: 'claude-sonnet-4-5',
    modelSent: 'gpt-5.2',
    modelServed: 'gpt-5.2',
    endpoint: '/v1/messages',
    clientFormat: 'anthropic-messages',
    upstreamFormat: 'openai-chat',
    isStream: true,
    tokens: { ...NOTHING_KNOWN, inputTokens: 1204, cacheReadTokens: 8192, outputTokens: 331 },
    usageSource: 'reported',
    extras: {},
    costMicroUsd: 3120,
    costSource: 'computed',
    serviceTier: undefined,
    status: 200,
    reason: 'completed',
    attempts: [{ accountId: 'account-1', accountName: 'main', status: 200, reason: 'completed', ms: 4210 }],
    firstTokenMs: 412,
    durationMs: 4233,
    losses: [],
    sessionId: undefined,
    client: 'claude-cli/2.1.0 (external, cli)',
    tags: {},
    upstreamRequestId: undefined,
    errorMessage: undefined,
    isDemo: false,
    ...changes,
  }
}

/** A mixed afternoon: converted and not, streamed and whole, known and unknown, failed and hostile. */
export function mixedSamples(now: number): readonly UsageRecord[] {
  return [
    usageSample({ requestId: 'req-clean', startedAt: now - 5_000 }),
    usageSample({
      requestId: 'req-lossy',
      startedAt: now - 21_000,
      modelAsked: 'claude-opus-4-5',
      team: 'compilers',
      sessionId: 'b7c1d9e0-5f1a-4a53-9d0e-0c8f3a1e77aa',
      tokens: {
        ...NOTHING_KNOWN,
        inputTokens: 15_408,
        cacheReadTokens: 0,
        outputTokens: 2_071,
        reasoningTokens: 1_344,
      },
      costMicroUsd: 47_900,
      durationMs: 38_204,
      firstTokenMs: 1_290,
      attempts: [
        { accountId: 'account-2', accountName: 'spare', status: 529, reason: 'upstream_error', ms: 2_310 },
        { accountId: 'account-1', accountName: 'main', status: 200, reason: 'completed', ms: 35_870 },
      ],
      losses: [
        {
          code: 'sampling-dropped',
          level: 'degraded',
          path: '/top_k',
          message: 'The upstream format has no top_k; it was left out.',
          detail: { value: 40 },
        },
        {
          code: 'citation_dropped',
          level: 'lossy',
          path: '/messages/3/content/0/citations',
          message: 'Citations of documents cannot be carried over and were left out.',
        },
        {
          code: 'tool-id-rewritten',
          level: 'repaired',
          path: '/messages/5/content/1/id',
          message: 'The tool call id was too long for the upstream and is kept in a shorter form.',
        },
      ],
    }),
    usageSample({
      requestId: 'req-unknown',
      startedAt: now - 64_000,
      keyId: 'key-2',
      keyName: 'build server',
      modelAsked: 'gpt-5.2-mini',
      modelServed: 'gpt-5.2-mini',
      clientFormat: 'openai-chat',
      isStream: false,
      tokens: NOTHING_KNOWN,
      usageSource: 'missing',
      costMicroUsd: undefined,
      costSource: 'unknown',
      firstTokenMs: undefined,
      durationMs: 862,
      client: 'OpenAI/Python 3.4.0',
    }),
    usageSample({
      requestId: 'req-cut',
      startedAt: now - 95_000,
      clientFormat: 'openai-chat',
      upstreamFormat: 'anthropic-messages',
      modelAsked: 'gpt-5.2',
      modelServed: 'claude-sonnet-4-5',
      accountId: 'account-3',
      accountName: 'console',
      tokens: { ...NOTHING_KNOWN, inputTokens: 980, outputTokens: 120 },
      usageSource: 'estimated',
      costMicroUsd: undefined,
      costSource: 'unknown',
      reason: 'upstream_error',
      errorMessage: 'The upstream closed the stream before its end.',
      durationMs: 9_130,
      attempts: [{ accountId: 'account-3', accountName: 'console', status: 200, reason: 'stream_cut', ms: 9_101 }],
      losses: [
        {
          code: 'logprobs-dropped',
          level: 'info',
          path: '/logprobs',
          message: 'Log probabilities are not offered by the upstream.',
        },
      ],
    }),
    usageSample({
      requestId: 'req-hostile',
      startedAt: now - 120_000,
      modelAsked: CANARY,
      modelServed: CANARY,
      client: CANARY,
      keyName: CANARY,
      accountName: CANARY,
      errorMessage: CANARY,
      sessionId: CANARY,
      status: 404,
      reason: 'rejected',
      tokens: NOTHING_KNOWN,
      usageSource: 'missing',
      costMicroUsd: undefined,
      costSource: 'unknown',
      firstTokenMs: undefined,
      durationMs: 31,
      attempts: [{ accountId: 'account-1', accountName: CANARY, status: 404, reason: CANARY, ms: 20 }],
      losses: [{ code: CANARY, level: 'repaired', path: CANARY, message: CANARY, detail: { [CANARY]: CANARY } }],
    }),
    usageSample({
      requestId: 'req-demo',
      startedAt: now - 26 * 3_600_000,
      isDemo: true,
      accountName: 'demo',
      tokens: { ...NOTHING_KNOWN, inputTokens: 14, cacheReadTokens: 0, outputTokens: 22 },
      costMicroUsd: 0,
      durationMs: 640,
      firstTokenMs: 96,
    }),
  ]
}

const SOMEBODY = [
  { keyId: 'key-1', keyName: 'laptop', owner: 'ada', team: 'compilers' },
  { keyId: 'key-2', keyName: 'build server', owner: 'grace', team: undefined },
  { keyId: 'key-3', keyName: 'agents', owner: 'ada', team: 'compilers' },
] as const
const SOMEWHERE = [
  { accountId: 'account-1', accountName: 'main', modelServed: 'gpt-5.2', upstreamFormat: 'openai-chat' },
  {
    accountId: 'account-3',
    accountName: 'console',
    modelServed: 'claude-sonnet-4-5',
    upstreamFormat: 'anthropic-messages',
  },
  { accountId: 'account-4', accountName: 'responses', modelServed: 'gpt-5.2-mini', upstreamFormat: 'openai-responses' },
] as const

/** Several days of work, the same every time: more by day than by night, some failures, some losses, some unknown. */
export function busyDays(now: number, days: number): readonly UsageRecord[] {
  const random = seededRandom(20_261_128)
  return Array.from({ length: days * 90 }, (_, index) => {
    const startedAt = now - 90_000 - Math.floor(random() ** 1.3 * days * 24 * 3_600_000)
    const [who, where] = [SOMEBODY[index % 3] ?? SOMEBODY[0], SOMEWHERE[(index >> 2) % 3] ?? SOMEWHERE[0]]
    const isFailed = random() < 0.04
    const isLossy = where.upstreamFormat !== 'anthropic-messages' && random() < 0.2
    const outputTokens = Math.floor(40 + random() * 2_400)
    return usageSample({
      requestId: `req-busy-${index}`,
      startedAt,
      ...who,
      ...where,
      tokens: {
        ...NOTHING_KNOWN,
        inputTokens: Math.floor(300 + random() * 6_000),
        cacheReadTokens: Math.floor(random() * 30_000),
        outputTokens,
      },
      costMicroUsd: random() < 0.05 ? undefined : Math.floor(800 + random() * 60_000),
      durationMs: 900 + outputTokens * 12,
      firstTokenMs: Math.floor(250 + random() * 1_500),
      ...(isFailed ? ({ status: 529, reason: 'upstream_error' } as const) : {}),
      losses: isLossy ? [LOSSES[index % LOSSES.length] ?? LOSSES[0]] : [],
    })
  })
}

const LOSSES = [
  { code: 'param_unsupported', level: 'lossy', path: '/top_k', message: 'the target has no top_k' },
  {
    code: 'reasoning_dropped',
    level: 'degraded',
    path: '/messages/4/content/0',
    message: 'its proof cannot be carried',
  },
  { code: 'tool_name_rewritten', level: 'repaired', path: '/tools/2/name', message: 'the name was too long' },
] as const

function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
