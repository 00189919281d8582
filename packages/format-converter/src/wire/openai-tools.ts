import { ConversionError } from '../conversion-error.ts'
import type { CustomTool, FunctionTool } from '../model/chat-request.ts'
import { isJsonObject } from '../model/json.ts'
import type { ReportLoss } from '../model/loss.ts'
import {
  pointer,
  reportRest,
  requireString,
  take,
  takeObject,
  takeString,
  type WireObject,
  wrongType,
} from './read-object.ts'

/** Reads the schema of a function's arguments. */
export function takeParameters(declared: WireObject): FunctionTool['parameters'] {
  const parameters = take(declared, 'parameters')
  if (parameters === undefined || isJsonObject(parameters)) return parameters
  throw wrongType(pointer(declared.path, 'parameters'), 'an object', parameters)
}

/** Reads the grammar of a custom tool's input. Chat nests it and Responses does not; clients of both do either. */
export function readGrammar(format: WireObject | undefined, report: ReportLoss): CustomTool['grammar'] {
  if (format === undefined) return undefined
  const isGrammar = takeString(format, 'type') === 'grammar'
  const holder = (isGrammar ? takeObject(format, 'grammar') : undefined) ?? format
  const grammar = isGrammar
    ? { syntax: requireString(holder, 'syntax'), definition: requireString(holder, 'definition') }
    : undefined
  for (const object of new Set([format, holder])) reportRest(object, report)
  return grammar
}

/** Whether one of the allowed tools must be called. */
export function takeAllowedMode(allowed: WireObject): 'auto' | 'required' {
  const mode = takeString(allowed, 'mode') ?? 'auto'
  if (mode === 'auto' || mode === 'required') return mode
  throw ConversionError.at(pointer(allowed.path, 'mode'), 'invalid_request', 'must be auto or required')
}
