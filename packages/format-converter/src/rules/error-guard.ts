import { ERROR_KINDS } from '../failure/kinds.ts'
import type { JsonValue } from '../model/json.ts'
import type { PlaceGuard } from './place-guard.ts'

const MAX_MESSAGE_CHARACTERS = 500

const MEMBERS: Readonly<Record<string, (value: JsonValue) => string | undefined>> = {
  message: (value) =>
    typeof value === 'string' && value !== '' && value.length <= MAX_MESSAGE_CHARACTERS
      ? undefined
      : `takes a text of 1 to ${MAX_MESSAGE_CHARACTERS} characters`,
  kind: (value) => (ERROR_KINDS.some((kind) => kind === value) ? undefined : `takes one of ${ERROR_KINDS.join(', ')}`),
  status: (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599
      ? undefined
      : 'takes a status from 400 to 599',
}

/** The guard of errors: their message, kind and status may read differently, and nothing else is there. */
export const errorGuard: PlaceGuard = {
  write([name, ...more], value) {
    const check = typeof name === 'string' && Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined
    if (check === undefined || more.length > 0) return 'is no member of an error; known are /message, /kind, /status'
    return check(value)
  },
  remove: refuseAll,
  shorten: refuseAll,
  transfer: refuseAll,
  passesOver: () => true,
  holdsWords: () => true,
}

function refuseAll(): string {
  return 'members of an error can only be set or mapped'
}
