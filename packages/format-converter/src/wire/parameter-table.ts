import type { ChatRequest, Parameter, RequestParameters } from '../model/chat-request.ts'
import type { JsonValue, MutableJsonObject } from '../model/json.ts'
import type { LossCode, LossLevel, ReportLoss } from '../model/loss.ts'

/** Where the entries of a table write, and whom they tell. */
export interface Writing {
  readonly body: MutableJsonObject
  readonly request: ChatRequest
  readonly context: { readonly report: ReportLoss }
}

export type Write<Value, Target extends Writing = Writing> = (target: Target, parameter: Parameter<Value>) => void

/**
 * What becomes of every parameter in one format: the compiler refuses a parameter without an entry. Entries run from top to
 * bottom, so one that looks at another stands below it.
 */
export type ParameterTable<Target extends Writing> = {
  readonly [Name in keyof RequestParameters]: Write<RequestParameters[Name], Target>
}

/** Writes the parameters of an adapted request, or reports what the format has no place for. */
export function writeParameters<Target extends Writing>(table: ParameterTable<Target>, target: Target): void {
  // Parameters and table are mapped from one interface, so that names are shared and each entry fits its value.
  for (const name of Object.keys(table) as (keyof RequestParameters)[]) {
    const parameter = target.request.parameters[name]
    if (parameter !== undefined) (table[name] as Write<unknown, Target>)(target, parameter)
  }
}

/** Writes a value as it is. */
export function field(name: string): Write<JsonValue> {
  return ({ body }, { value }) => {
    body[name] = value
  }
}

/** Reports a value that has no place. */
export function lost(level: LossLevel, message: string, code: LossCode = 'param_unsupported'): Write<unknown> {
  return ({ context }, { path }) => context.report({ code, level, path, message })
}

/** Does nothing for a value that only spells out what happens anyway. */
export function unless<Value, Target extends Writing>(
  isNeutral: (value: Value) => boolean,
  write: Write<NoInfer<Value>, Target>,
): Write<Value, Target> {
  return (target, parameter) => {
    if (!isNeutral(parameter.value)) write(target, parameter)
  }
}
