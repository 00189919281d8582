import type { Account } from '@relay/account-store'
import {
  buildRequestHeaders,
  buildSiblingUrl,
  chooseUpstreamFormat,
  type Sender,
  type UpstreamRequest,
} from '@relay/upstreams'

import type { PriceBook } from '../meter/prices/price-book.ts'
import type { AccountPool } from '../relay/choose/account-pool.ts'
import { readListedModels } from './listed-models.ts'

/** How long an upstream's list is believed, and how long a failed try is not repeated. */
const TTL_MS = 5 * 60_000
const RETRY_MS = 30_000

/** Claude Code waits three seconds for the whole list. */
const TIMEOUT_MS = 2_500
const MAX_BYTES = 4 * 1024 * 1024

/** What is needed to ask upstreams. */
export interface UpstreamModelRooms {
  readonly sender: Sender
  readonly pool: Pick<AccountPool, 'credentialOf' | 'routeOf'>
  /** Learns what upstreams say of their models. */
  readonly prices: Pick<PriceBook, 'learnFacts'>
}

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

export function createUpstreamModels({ sender, pool, prices }: UpstreamModelRooms): UpstreamModels {
  const lists = new Map<string, KeptList>()

  async function ask(account: Account): Promise<readonly string[] | undefined> {
    try {
      const result = await sender.sendWhole(
        { ...request(account, await pool.credentialOf(account)), ...(await pool.routeOf(account)) },
        { maxBytes: MAX_BYTES },
      )
      if (!result.ok || result.answer.status !== 200) return undefined
      const models = readListedModels(JSON.parse(Buffer.from(result.answer.body).toString('utf8')))
      if (models === undefined) return undefined
      prices.learnFacts(account.baseUrl, new Map(models.map(({ name, facts }) => [name, facts])))
      return models.map(({ name }) => name)
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
