import type { ChatRequest, Tool, ToolChoice } from '../model/chat-request.ts'
import type { ContentPart, ToolCallPart } from '../model/content-part.ts'
import type { AdaptContext } from './adapt-context.ts'
import { planCallIds, type CallIds } from './call-ids.ts'
import { mapTurns } from './map-parts.ts'
import { withParameter } from './parameters.ts'
import type { ToolNames } from './tool-names.ts'

/** Gives tools, choices, calls and results the names and ids that the target takes. */
export function renameTools(request: ChatRequest, names: ToolNames, context: AdaptContext): ChatRequest {
  const tools = request.tools.map((tool) => renameTool(tool, names, context))
  const plan: Renaming = { names, ids: planCallIds(request, names, context.profile), context }
  const turns = mapTurns(request, (turn) => {
    const parts = turn.parts.map((part) => renamePart(part, plan))
    return parts.every((part, index) => part === turn.parts[index]) ? turn : { ...turn, parts }
  })
  const choice = request.parameters.toolChoice
  const renamed = { ...turns, tools }
  return choice === undefined
    ? renamed
    : withParameter(renamed, 'toolChoice', {
        ...choice,
        value: renameChoice(choice.value, names),
      })
}

function renameTool(tool: Tool, names: ToolNames, { report }: AdaptContext): Tool {
  if (tool.type === 'server') return tool
  const name = names.wireName(tool.name, tool.namespace)
  if (name === tool.name && tool.namespace === undefined) return tool
  const { namespace, ...bare } = tool
  const isFlattened = namespace !== undefined && name === `${namespace}__${tool.name}`
  report(
    isFlattened
      ? { code: 'tool_bridged', level: 'info', path: tool.path, message: 'the namespace became part of the tool name' }
      : {
          code: 'tool_name_rewritten',
          level: 'repaired',
          path: tool.path,
          message: 'the tool name was not legal for the target; answers get it back',
        },
  )
  return { ...bare, name }
}

interface Renaming {
  readonly names: ToolNames
  readonly ids: CallIds
  readonly context: AdaptContext
}

function renamePart(part: ContentPart, plan: Renaming): ContentPart {
  const { names, ids } = plan
  if (part.type === 'tool-call') return renameCall(part, plan)
  if (part.type !== 'tool-result') return part
  const callId = ids(part.callId)
  const name = part.name === undefined ? undefined : names.wireName(part.name)
  if (callId === part.callId && name === part.name) return part
  return name === undefined ? { ...part, callId } : { ...part, callId, name }
}

function renameCall(part: ToolCallPart, { names, ids, context }: Renaming): ToolCallPart {
  const { profile, report } = context
  const id = ids(part.id)
  const name = names.wireName(part.name, part.namespace)
  if (id !== part.id) {
    report({
      code: 'tool_id_rewritten',
      path: part.path,
      ...(profile.dialect.callIdTemplate === ''
        ? { level: 'repaired', message: 'the call id was not legal for the target' }
        : { level: 'info', message: 'the call got an id of the form that the upstream wants' }),
    })
  }
  if (id === part.id && name === part.name && part.namespace === undefined) return part
  const { namespace: _flattened, ...bare } = part
  return { ...bare, id, name }
}

function renameChoice(choice: ToolChoice, { wireName }: ToolNames): ToolChoice {
  switch (choice.type) {
    case 'tool':
      return { type: 'tool', name: wireName(choice.name, choice.namespace) }
    case 'allowed':
      return { ...choice, names: choice.names.map((name) => wireName(name)) }
    case 'auto':
    case 'none':
    case 'required':
      return choice
  }
}
