import type { Effort, OutputFormat } from '../model/chat-request.ts'
import type { ReportLoss } from '../model/loss.ts'
import { readOutputFormat, takeEffort } from '../wire/openai-parameters.ts'
import { reportRest, take, takeObject, type WireObject } from '../wire/read-object.ts'

/** An item that changes the wishes of a request from its place on. */
export interface ConfigurationUpdate {
  readonly path: string
  readonly effort?: Effort | undefined
  readonly outputFormat?: OutputFormat | undefined
}

export function readConfigurationUpdate(item: WireObject, report: ReportLoss): ConfigurationUpdate {
  const reasoning = takeObject(item, 'reasoning')
  const text = takeObject(item, 'text')
  const effort = reasoning === undefined ? undefined : takeEffort(reasoning, 'effort')
  const outputFormat = text === undefined ? undefined : readOutputFormat(takeObject(text, 'format'), report)
  take(item, 'id')
  for (const object of [item, reasoning, text]) if (object !== undefined) reportRest(object, report)
  return { path: item.path, effort, outputFormat }
}
