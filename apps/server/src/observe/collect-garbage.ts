import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = () => void

let collect: Collect | undefined

/**
 * Has the engine give back what nobody holds any more. It does so by itself while it works; but large bodies lie outside
 * its heap, and after a burst of them a process with little to do kept more than a gigabyte for minutes.
 */
export function collectGarbage(): void {
  collect ??= openCollector()
  collect()
}

function openCollector(): Collect {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as Collect // what the flag puts into every new context
}
