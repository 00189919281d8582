import type { PlaceGuard } from './place-guard.ts'
import { EACH, type Place } from './place.ts'
import { holdsWords, wordsIn } from './prompt-words.ts'

/** What the model said, and what says how the answer ended: rules neither write nor take it. */
const ANSWER_NAME =
  /^(?:content|text|thinking|arguments|input|output|partial_json|refusal|tool_calls?|function(?:_call)?|name|delta|message|choices|content_block|item|items|part|parts|response|error|transcript)$/

/** Ids, counts, proofs and the order of things. */
const FIXED_NAME =
  /^(?:id|.*_id|type|object|index|.*_index|role|usage|.*_tokens|.*_tokens_details|created|created_at|completed_at|signature|encrypted_content|data|status|finish_reason|stop_reason|stop_sequence|stop_details|native_finish_reason|incomplete_details|sequence_number)$/

/**
 * The guard of answers and their events: what the model said, ids, usage and how it ended are fixed. What remains is what
 * upstreams add.
 */
export const answerGuard: PlaceGuard = {
  write: (place, value) => placeTrouble(place) ?? wordsIn(value, false),
  remove: placeTrouble,
  shorten: placeTrouble,
  transfer: (from, to) => placeTrouble(from) ?? placeTrouble(to),
  passesOver: (name) => ANSWER_NAME.test(name) || FIXED_NAME.test(name),
  holdsWords,
}

function placeTrouble(place: Place): string | undefined {
  const last = place.at(-1)
  if (last === undefined) return 'names the whole answer; name a member'
  if (place[0] === EACH) return 'must not begin with "*": that names every member, the answer itself too'
  if (last === EACH || /^\d+$/.test(last)) return 'names elements of a list; name a member of theirs'
  const fixed = place.find((segment): segment is string => segment !== EACH && FIXED_NAME.test(segment))
  if (fixed !== undefined)
    return `${JSON.stringify(fixed.slice(0, 60))} is an id, a count or an order, which rules leave`
  if (ANSWER_NAME.test(last)) return `${JSON.stringify(last)} is what the model said, which rules leave`
  return isWithinCall(place) ? 'lies within what the model gave to a tool, which rules leave' : undefined
}

/** Arguments of calls are objects in some formats. */
function isWithinCall(place: Place): boolean {
  return place.slice(0, -1).some((segment) => segment === 'input' || segment === 'arguments')
}
