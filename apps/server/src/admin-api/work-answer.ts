import type { AdminContext } from './admin-rooms.ts'
import type { WorkLine } from './contract/index.ts'

/** What long work comes to. */
export type WorkEnd = Exclude<WorkLine, { state: 'working' }>

/** Does the work, and tells now and then how many objects are done; never rejects. */
export type Work = (tell: (count: number) => void) => Promise<WorkEnd>

/** Said again so often, so that nothing between us and the reader takes the silence for an end. */
const EVERY_MS = 5_000

/** Answers with lines of JSON while something is done. The work goes on to its end, also when nobody reads any more. */
export function sendWork(context: AdminContext, work: Work): Response {
  const encoder = new TextEncoder()
  let count = 0
  let hasReader = true
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const say = (line: WorkLine): void => {
        if (hasReader) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`))
      }
      const tell = (done: number): void => {
        count = done
        say({ state: 'working', count })
      }
      tell(0)
      const again = setInterval(() => tell(count), EVERY_MS)
      say(await work(tell))
      clearInterval(again)
      if (hasReader) controller.close()
    },
    cancel() {
      hasReader = false
    },
  })
  return context.body(body, 200, { 'Content-Type': 'application/x-ndjson', 'X-Accel-Buffering': 'no' })
}
