import type { CustomTool, FunctionTool } from '../model/chat-request.ts'
import { isJsonObject } from '../model/json.ts'
import { pointer, requireString, take, takeObject, takeString, type WireObject, wrongType } from './read-object.ts'

/** Reads the schema of a function's arguments. */
export function takeParameters(declared: WireObject): FunctionTool['parameters'] {
  const parameters = take(declared, 'parameters')
  if (parameters === undefined || isJsonObject(parameters)) return parameters
  throw wrongType(pointer(declared.path, 'parameters'), 'an object', parameters)
}

/** Reads the grammar of a custom tool's input. Chat nests it and Responses does not; clients of both do either. */
export function readGrammar(format: WireObject | undefined): CustomTool['grammar'] {
  if (format === undefined || takeString(format, 'type') !== 'grammar') return undefined
  const grammar = takeObject(format, 'grammar') ?? format
  return {
    syntax: requireString(grammar, 'syntax'),
    definition: requireString(grammar, 'definition'),
  }
}
