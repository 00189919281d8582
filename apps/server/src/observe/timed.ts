/** Hears of every call that has ended. */
export type ObserveCall = (name: string, durationMs: number, isGood: boolean) => void

/**
 * The same functions, each telling how long its promise took; functions that answer at once stay as they are.
 *
 * @param room - a plain object of functions that do not use `this`
 */
export function timed<Room extends object>(room: Room, observe: ObserveCall): Room {
  const entries = Object.entries(room).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'function' ? timedCall(name, member as AnyFunction, observe) : member, // checked on this line
  ])
  return Object.fromEntries(entries) as Room // the same names and signatures
}

type AnyFunction = (...args: readonly unknown[]) => unknown

function timedCall(name: string, call: AnyFunction, observe: ObserveCall): AnyFunction {
  return (...args) => {
    const startedAt = performance.now()
    const result = call(...args)
    if (!(result instanceof Promise)) return result
    result.then(
      () => observe(name, performance.now() - startedAt, true),
      () => observe(name, performance.now() - startedAt, false),
    )
    return result
  }
}
