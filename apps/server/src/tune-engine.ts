import { setFlagsFromString } from 'node:v8'

/** How far the heap may grow beyond what lives after a full collection, in percent of that, before the next one. */
const GROWTH_PERCENT = 100

/**
 * Sets the engine for a server that lives long and serves many requests of few kinds. It reads these settings whenever it
 * decides, so that they may come after its start (V8 13.6).
 *
 * - Left alone, it lets a small heap grow to four times of what lives before it collects, and keeps the memory: after
 *   10,000 streams a relay with 38 MB of live objects took 275 to 294 MB, with this 206, at the same CPU time a stream
 *   (`pnpm bench soak`).
 * - Left alone, it shares a collection of new objects out to threads of its own and waits for the last of them. What lives of a
 *   few requests is copied in less than a millisecond; on busy processors those threads came late, and some pauses
 *   took 15 to 40 ms. Done by one thread a collection takes a tenth to a third less CPU time, and a request a tenth less.
 * - Left alone, it lets the space for new objects grow to 128 MB and keeps that: 322 MB after those streams, with this 201, for
 *   one or two hundredths more CPU time a request. Where that space has a size by a flag, as `npm start`, the image and the
 *   service give it, the flag is right.
 *
 * @param flags - what the engine was started with
 */
export function tuneEngine(flags: readonly string[]): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`)
  setFlagsFromString('--no-parallel-scavenge')
  if (!flags.some((flag) => flag.includes('-semi-space-size'))) setFlagsFromString('--semi-space-growth-factor=1')
}
