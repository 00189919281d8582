import { run, type Project } from '../project.ts'
import { binaryFromNpm, platform } from './from-npm.ts'
import { readChecks, type RuntimeResult } from './runtime.ts'

/** Deno, from npm; without any permission. */
export async function runDeno(project: Project): Promise<RuntimeResult> {
  const deno = binaryFromNpm(`@deno/linux-${platform({ x64: 'x64', arm64: 'arm64' })}-glibc`, '^2.9.6', 'deno')
  const main = project.write(
    'main.ts',
    "import { smoke } from './smoke.ts'\nconsole.log(JSON.stringify(await smoke()))\n",
  )
  const parameters = ['run', '--no-remote', '--no-prompt', '--node-modules-dir=manual', '--no-check', main]
  const checks = readChecks(run(deno, parameters, project.folder))
  return { version: run(deno, ['--version'], project.folder).split('\n')[0]?.trim() ?? '', checks }
}
