/** CPU of the whole process while something runs, the collector's threads included, in microseconds. */
export function cpuMicroseconds(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  return since(before)
}

/** The like for work that waits for streams. */
export async function cpuMicrosecondsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  return since(before)
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}
