import { run, type Project } from '../project.ts'
import { binaryFromNpm, platform } from './from-npm.ts'
import { readChecks, type RuntimeResult } from './runtime.ts'

/** Bun, from npm. */
export async function runBun(project: Project): Promise<RuntimeResult> {
  const packageName = `@oven/bun-linux-${platform({ x64: 'x64', arm64: 'aarch64' })}`
  const bun = binaryFromNpm(packageName, '^1.4.5', 'bin/bun')
  const main = project.write(
    'main.ts',
    "import { smoke } from './smoke.ts'\nconsole.log(JSON.stringify(await smoke()))\n",
  )
  const checks = readChecks(run(bun, ['run', main], project.folder))
  return { version: run(bun, ['--version'], project.folder).trim(), checks }
}
