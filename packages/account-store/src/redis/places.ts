import { checkPlace, placeName } from '../check-place.ts'
import type { Place } from '../place.ts'
import type { PlaceRoom } from '../store/place-room.ts'
import type { RedisContext } from './context.ts'
import { parseJson } from './reply.ts'

/** Places in Redis, which lets go of them by itself. */
export function createPlaceRoom({ link, keys, now }: RedisContext): PlaceRoom {
  return {
    rememberPlace: async (input) => {
      const { kind, name, ...place } = checkPlace(input, now())
      await link.send(['SET', keys.place(kind, name), JSON.stringify(place), 'PX', String(input.ttlMs)])
    },
    findPlace: async (kind, name) => {
      const [text] = await link.hurried.send(['GET', keys.place(kind, placeName(kind, name).name)])
      if (typeof text !== 'string') return undefined
      // Written by `rememberPlace` from this very type.
      const place = parseJson(text) as Place
      return place.endsAt > now() ? place : undefined
    },
    forgetPlace: async (kind, name) => {
      await link.send(['DEL', keys.place(kind, placeName(kind, name).name)])
    },
    removeExpiredPlaces: async () => 0,
  }
}
