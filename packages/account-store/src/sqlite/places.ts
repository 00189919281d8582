import { checkPlace, placeName } from '../check-place.ts'
import { readNumber, readText } from '../rows/row.ts'
import type { PlaceRoom } from '../store/place-room.ts'
import type { StoreContext } from './context.ts'

/** Places of one kind that are kept; about 30 MB of each. */
const MAX_PLACES = 100_000
/** Counting is not free, so that it is done once in so many writes of this process. */
const WRITES_BETWEEN_COUNTS = 1000

/** Places in the embedded store. Losing the last ones in a power cut costs little, so nobody waits for the disk. */
export function createPlaceRoom({ fast, now }: StoreContext): PlaceRoom {
  const write = fast.prepare(`
    INSERT INTO places (kind, name, key_id, account_id, ends_at) VALUES (:kind, :name, :keyId, :accountId, :endsAt)
    ON CONFLICT (kind, name) DO UPDATE SET key_id = :keyId, account_id = :accountId, ends_at = :endsAt`)
  const find = fast.prepare('SELECT * FROM places WHERE kind = :kind AND name = :name AND ends_at > :now')
  const forget = fast.prepare('DELETE FROM places WHERE kind = :kind AND name = :name')
  const removeExpired = fast.prepare('DELETE FROM places WHERE ends_at <= :now')
  const trim = fast.prepare(`
    DELETE FROM places WHERE kind = :kind AND name IN (
      SELECT name FROM places WHERE kind = :kind ORDER BY ends_at DESC LIMIT -1 OFFSET :max)`)
  let writes = 0

  return {
    rememberPlace: async (place) => {
      const checked = checkPlace(place, now())
      fast.transaction(() => {
        write.run({ ...checked })
        writes += 1
        if (writes % WRITES_BETWEEN_COUNTS === 0) trim.run({ kind: checked.kind, max: MAX_PLACES })
      })
    },
    findPlace: async (kind, name) => {
      const row = find.get({ ...placeName(kind, name), now: now() })
      if (row === undefined) return undefined
      const endsAt = readNumber(row, 'ends_at')
      return { keyId: readText(row, 'key_id'), accountId: readText(row, 'account_id'), endsAt }
    },
    forgetPlace: async (kind, name) => void forget.run(placeName(kind, name)),
    removeExpiredPlaces: async () => removeExpired.run({ now: now() }),
  }
}
