import type * as z from 'zod'

import type { Environment } from '../config/environment.ts'
import { refuse } from './admin-answer.ts'
import type { AdminRooms } from './admin-rooms.ts'
import { auditActionSchema } from './contract/index.ts'
import type { Asked } from './router.ts'
import { sendWork } from './work-answer.ts'

/** A command that is run for whoever asks. */
export interface DataOrder<Schema extends z.ZodType> {
  readonly words: readonly string[]
  readonly variables?: Environment | undefined
  /** What the command writes. */
  readonly outcome: Schema
  /** Made of it for the reader; what the command writes unless given. */
  readonly finish?: ((outcome: z.output<Schema>) => Promise<object> | object) | undefined
  /** Takes away what a command that failed has left. */
  readonly tidy?: (() => Promise<void>) | undefined
  /** For a data set that is not in use yet: what is done there is written down elsewhere. */
  readonly isElsewhere?: boolean
  /** What stands in the command's words for paths that whoever asks has never seen. */
  readonly paths?: readonly string[]
}

type Asking = Pick<Asked<unknown, unknown>, 'context' | 'note'>

/** Runs a command in a process of its own, and answers with how it goes. */
export function sendErrand<Schema extends z.ZodType>(
  { data, log }: AdminRooms,
  { context, note }: Asking,
  order: DataOrder<Schema>,
): Response {
  const { errands } = data
  if (!errands.isPossible) {
    return refuse(context, { code: 'conflict', message: 'This server was not started with the relay command.' })
  }
  if (errands.isBusy) {
    return refuse(context, { code: 'busy', message: 'Other work on the data set is under way; try again later.' })
  }
  return sendWork(context, async (tell) => {
    const ended = await errands.run({
      words: order.words,
      variables: order.variables,
      onProgress: tell,
      onDeed: async ({ action, after, ...deed }) => {
        const known = auditActionSchema.safeParse(action)
        if (order.isElsewhere !== true && known.success)
          await note({ ...deed, action: known.data, after: withoutPath(after) })
      },
    })
    try {
      if (!ended.ok) {
        await order.tidy?.()
        return { state: 'failed', message: nameless(ended.message, order.paths ?? []) }
      }
      const outcome = order.outcome.parse(ended.result)
      return { state: 'done', result: (await order.finish?.(outcome)) ?? outcome }
    } catch (error) {
      log.error({ error, command: order.words[0] }, 'the end of a command could not be told')
      return { state: 'failed', message: 'Something went wrong here. The log has the details.' }
    }
  })
}

/** The path of a file that is gone in an hour says nothing. */
function withoutPath(after: object | undefined): object | undefined {
  if (after === undefined) return undefined
  return Object.fromEntries(Object.entries(after).filter(([name]) => name !== 'path'))
}

function nameless(message: string, paths: readonly string[]): string {
  return paths.reduce((text, path) => text.replaceAll(path, 'the file'), message)
}
