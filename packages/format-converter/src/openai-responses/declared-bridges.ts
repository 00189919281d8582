import type { OpenPart } from '../model/answer-event.ts'
import { isJsonArray, type JsonObject, type JsonValue } from '../model/json.ts'
import { objectsOf, stringOf } from '../wire/loose.ts'
import { bridgeNamed, bridgeOfTool, type ToolBridge } from './tool-bridges.ts'

/** The tools that a request declares by type alone, by the name a model calls them by; a function of that name wins. */
export function declaredBridges(request: JsonObject | undefined): ReadonlyMap<string, ToolBridge> {
  const declared = [...objectsOf(request?.['tools']), ...additionalTools(request?.['input'])]
  const functions = new Set(declared.map((tool) => stringOf(tool['name'])))
  const bridges = new Map<string, ToolBridge>()
  for (const tool of declared) {
    const bridge = bridgeOfTool(tool)
    if (bridge !== undefined && !functions.has(bridge.tool)) bridges.set(bridge.tool, bridge)
  }
  return bridges
}

/** The bridge that a call of an answer goes over. One that came as a call of its own kind goes out so, whether or not the request's tools are known. */
export function bridgeOfPart(
  part: OpenPart & { type: 'tool-call' },
  declared: ReadonlyMap<string, ToolBridge>,
): ToolBridge | undefined {
  if (part.form !== 'json' || part.namespace !== undefined) return undefined
  return declared.get(part.name) ?? (part.isOfOwnKind === true ? bridgeNamed(part.name) : undefined)
}

function additionalTools(input: JsonValue | undefined): readonly JsonObject[] {
  if (!isJsonArray(input)) return []
  return objectsOf(input)
    .filter((item) => item['type'] === 'additional_tools')
    .flatMap((item) => objectsOf(item['tools']))
}
