import type { Project } from '../project.ts'

/** What one runtime did with the packed library. */
export interface RuntimeResult {
  readonly version: string
  /** What was checked, one line each. */
  readonly checks: readonly string[]
}

/** Runs the smoke test in one runtime. @throws Error when a check fails or the runtime is not there */
export type RunRuntime = (project: Project) => Promise<RuntimeResult>

/** Last line that a program printed, as JSON: how every runtime hands its checks over. */
export function readChecks(printed: string): readonly string[] {
  const checks: unknown = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
  if (!Array.isArray(checks) || checks.length === 0) throw new Error('the runtime checked nothing')
  return checks.map(String)
}
