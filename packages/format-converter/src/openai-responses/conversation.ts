import type { Role, Turn } from '../model/chat-request.ts'
import type { ContentPart } from '../model/content-part.ts'
import type { VendorField } from '../model/vendor-field.ts'

/**
 * Turns under construction. The items of one assistant turn stand in a row and belong together; so do the results of one
 * round of calls. Every user and every system message is a turn of its own.
 */
export interface Conversation {
  message(turn: Turn): void
  /** Something the model said, thought or called. */
  assistant(part: ContentPart): void
  /** What came back for a call. */
  result(part: ContentPart): void
  turns(): readonly Turn[]
}

interface OpenTurn {
  readonly role: Role
  readonly parts: ContentPart[]
  readonly path: string
  readonly vendorFields: VendorField[]
  /** Results join a turn only when it was begun by one. */
  readonly holdsResults: boolean
}

export function createConversation(): Conversation {
  const turns: OpenTurn[] = []

  function begin(turn: OpenTurn): OpenTurn {
    turns.push(turn)
    return turn
  }

  function assistantTurn(path: string): OpenTurn {
    const last = turns.at(-1)
    return last?.role === 'assistant'
      ? last
      : begin({ role: 'assistant', parts: [], path, vendorFields: [], holdsResults: false })
  }

  function resultTurn(path: string): OpenTurn {
    const last = turns.at(-1)
    return last?.holdsResults === true
      ? last
      : begin({ role: 'user', parts: [], path, vendorFields: [], holdsResults: true })
  }

  return {
    message: ({ role, parts, path, vendorFields = [] }) => {
      const turn =
        role === 'assistant'
          ? assistantTurn(path)
          : begin({ role, parts: [], path, vendorFields: [], holdsResults: false })
      for (const part of parts) turn.parts.push(part)
      for (const field of vendorFields) turn.vendorFields.push(field)
    },
    assistant: (part) => assistantTurn(part.path).parts.push(part),
    result: (part) => resultTurn(part.path).parts.push(part),
    turns: () => turns.map(finishTurn),
  }
}

function finishTurn({ role, parts, path, vendorFields }: OpenTurn): Turn {
  return { role, parts, path, ...(vendorFields.length > 0 && { vendorFields }) }
}
