import type { ChatRequest } from '../model/chat-request.ts'
import { legalCallId } from '../wire/call-id.ts'
import { hashText } from '../wire/hash.ts'
import type { UpstreamProfile } from './profile.ts'
import type { ToolNames } from './tool-names.ts'

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** The id under which a call goes to the target. */
function wireCallId(id: string, { format, dialect }: UpstreamProfile): string {
  if (dialect.callIds === 'standard') return legalCallId(id, { format, limit: dialect.idLimit })
  return /^[a-zA-Z0-9]{9}$/.test(id) ? id : nineLetters(id)
}

/** Gives the id under which a call goes to the target. */
export type CallIds = (id: string) => string

/** The ids of one request's calls: each by its own rule, or all of them by the template of the target. */
export function planCallIds(request: ChatRequest, names: ToolNames, profile: UpstreamProfile): CallIds {
  const template = profile.dialect.callIdTemplate
  if (template === '') return (id) => wireCallId(id, profile)
  const ids = new Map<string, string>()
  for (const turn of request.turns) {
    for (const part of turn.parts) {
      if (part.type !== 'tool-call' || ids.has(part.id)) continue
      const name = names.wireName(part.name, part.namespace)
      ids.set(part.id, template.replaceAll('{name}', () => name).replaceAll('{n}', String(ids.size)))
    }
  }
  return (id) => ids.get(id) ?? wireCallId(id, profile)
}

function nineLetters(id: string): string {
  const hex = hashText(id, 2)
  let rest = BigInt(`0x${hex}`)
  let letters = ''
  for (let index = 0; index < 9; index += 1) {
    letters += ALPHANUMERIC[Number(rest % 62n)] ?? 'A'
    rest /= 62n
  }
  return letters
}
