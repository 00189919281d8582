import { setFlagsFromString } from 'node:v8'

/** How far the heap may grow beyond what lives after a full collection, in percent of that, before the next one. */
const GROWTH_PERCENT = 100
/** How often a function is called before the best compiler takes it up; a path of few loops counts as a third of a call. */
const CALLS_BEFORE_BEST_CODE = 1000

/**
 * Sets the engine for a server that lives long and serves many requests of few kinds. It reads these settings whenever it
 * decides, so that they may come after its start (V8 13.6).
 *
 * - Left alone, it lets a small heap grow to four times of what lives before it collects, and keeps the memory: after
 *   10,000 streams a relay with 38 MB of live objects took 275 to 294 MB, with this 206, at the same CPU time a stream
 *   (`pnpm bench soak`).
 * - Left alone, it lets the space for new objects grow to 128 MB and keeps that: 322 MB after those streams, with this 201, for
 *   one or two hundredths more CPU time a request. Where that space has a size by a flag, as `npm start`, the image and the
 *   service give it, the flag is right.
 * - Left alone, it compiles well what was called 3000 times. Most of what serves a request runs once for it, so that a relay
 *   would work through its first ten thousand requests with code that takes a third more CPU time, and then compile all of it
 *   at once. Sooner, that second of compiling is paid back after some eight thousand requests. Sooner still, it falls into the
 *   first hundreds, and gains nothing more.
 *
 * @param flags - what the engine was started with
 */
export function tuneEngine(flags: readonly string[]): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS_BEFORE_BEST_CODE}`)
  if (!flags.some((flag) => flag.includes('-semi-space-size'))) setFlagsFromString('--semi-space-growth-factor=1')
}
