/** Environment variables as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads one variable; an empty one counts as not set. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const text = environment[name]
  return text === undefined || text === '' ? undefined : text
}
