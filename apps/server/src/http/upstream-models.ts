import type { Account } from '@relay/account-store'
import {
  buildRequestHeaders,
  buildSiblingUrl,
  chooseUpstreamFormat,
  type Sender,
  type UpstreamRequest,
} from '@relay/upstreams'

import type { AccountPool } from '../relay/choose/account-pool.ts'

/** How long an upstream's list is believed, and how long a failed try is not repeated. */
const TTL_MS = 5 * 60_000
const RETRY_MS = 30_000

/** Claude Code waits three seconds for the whole list. */
const TIMEOUT_MS = 2_500
const MAX_BYTES = 4 * 1024 * 1024
/** Each is looked up in the price table: a list without end would hold everybody up. Those beyond are served, and not shown. */
const MAX_NAMES = 2_000
const MAX_NAME_LENGTH = 256

/** The models that upstreams say they have. */
export interface UpstreamModels {
  /** @returns names; empty when the upstream does not tell */
  list(account: Account): Promise<readonly string[]>
}

interface KeptList {
  readonly names: Promise<readonly string[]>
  readonly updatedAt: number
  until: number
}

export function createUpstreamModels(sender: Sender, pool: AccountPool): UpstreamModels {
  const lists = new Map<string, KeptList>()

  async function ask(account: Account): Promise<readonly string[] | undefined> {
    try {
      const result = await sender.sendWhole(
        { ...request(account, await pool.credentialOf(account)), ...(await pool.routeOf(account)) },
        { maxBytes: MAX_BYTES },
      )
      if (!result.ok || result.answer.status !== 200) return undefined
      return readNames(JSON.parse(Buffer.from(result.answer.body).toString('utf8')))
    } catch {
      return undefined // settings that do not fit, or no JSON: this upstream does not tell
    }
  }

  function refresh(account: Account): KeptList {
    const kept: KeptList = {
      names: ask(account).then((names) => {
        if (names === undefined) kept.until = Date.now() + RETRY_MS
        return names ?? []
      }),
      updatedAt: account.updatedAt,
      until: Date.now() + TTL_MS,
    }
    lists.set(account.id, kept)
    return kept
  }

  return {
    list: (account) => {
      const kept = lists.get(account.id)
      const isFresh = kept !== undefined && kept.updatedAt === account.updatedAt && kept.until > Date.now()
      return (isFresh ? kept : refresh(account)).names
    },
  }
}

function request(account: Account, credential: string | undefined): UpstreamRequest {
  const { baseUrl, apiFormat } = chooseUpstreamFormat(account, 'anthropic-messages')
  return {
    poolKey: account.id,
    method: 'GET',
    // Anthropic lists twenty at a time unless asked for more.
    url: buildSiblingUrl(baseUrl, '/models', apiFormat === 'claude' ? 'limit=1000' : ''),
    headers: buildRequestHeaders({
      account,
      apiFormat,
      credential,
      isSameFormat: false,
      clientHeaders: {},
      isStream: false,
    }),
    timeouts: { connectMs: TIMEOUT_MS, headersMs: TIMEOUT_MS, idleMs: TIMEOUT_MS, totalMs: TIMEOUT_MS },
  }
}

/** Both vendors list `data[].id`. */
function readNames(body: unknown): readonly string[] | undefined {
  if (typeof body !== 'object' || body === null || !('data' in body) || !Array.isArray(body.data)) return undefined
  const entries: readonly unknown[] = body.data
  return entries.slice(0, MAX_NAMES).flatMap(readName)
}

function readName(entry: unknown): readonly string[] {
  if (typeof entry !== 'object' || entry === null || !('id' in entry) || typeof entry.id !== 'string') return []
  return entry.id === '' || entry.id.length > MAX_NAME_LENGTH ? [] : [entry.id]
}
