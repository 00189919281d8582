import { countsOfHistory } from '../rows/usage-counts.ts'
import type { TransferRoom } from '../store/transfer-room.ts'
import type { UsageHistoryEntry } from '../transfer.ts'
import { floor } from '../usage-spans.ts'
import type { RedisContext } from './context.ts'
import { toNumber } from './reply.ts'
import { ADD_HISTORY } from './scripts/usage.ts'
import { groupOf, namesOf } from './usage-sum-row.ts'
import { createKeyList, KEPT_LEVELS } from './write-usage.ts'

const NOON_MS = 12 * 3_600_000
/** Entries in one script. */
const BATCH = 200
/** Index of the first key after that of the ids. */
const FIRST_KEY = 2

/** Usage that is known as sums only, in Redis. */
export function createUsageHistory(context: RedisContext): Pick<TransferRoom, 'addUsageHistory'> {
  async function addUsageHistory(entries: readonly UsageHistoryEntry[]): Promise<number> {
    let count = 0
    for (let start = 0; start < entries.length; start += BATCH) {
      count += await add(context, entries.slice(start, start + BATCH))
    }
    return count
  }

  return { addUsageHistory }
}

async function add({ link, keys, now }: RedisContext, entries: readonly UsageHistoryEntry[]): Promise<number> {
  const places = createKeyList(FIRST_KEY)
  const args = entries.map((entry) => {
    const row = toRow(entry)
    return JSON.stringify({
      id: entry.id,
      spans: KEPT_LEVELS.map((level) => {
        // Noon is on the same date almost everywhere on earth.
        const at = level === 'hours' ? entry.day + NOON_MS : floor(level, entry.day)
        return {
          starts: places.indexOf(keys.sumsOf(level).starts),
          sums: places.indexOf(keys.sumsOf(level).at(at)),
          at,
        }
      }),
      group: groupOf(row),
      counts: countsOfHistory(entry),
      names: namesOf(row),
    })
  })
  const answer = await link.run(ADD_HISTORY, { keys: [keys.usageHistory, ...places.all()], args: [now(), ...args] })
  return toNumber(answer)
}

function toRow({ keyId, keyName, owner, team, model }: UsageHistoryEntry): Readonly<Record<string, string | null>> {
  const asked = model ?? null
  return { key_id: keyId, key_name: keyName, owner, team: team ?? null, model_asked: asked, model_served: asked }
}
