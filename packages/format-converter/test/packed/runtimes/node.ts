import { run } from '../project.ts'
import type { Project } from '../project.ts'
import { readmeBlocks } from '../readme.ts'
import { withFakeServer } from './fake-server.ts'
import { readChecks, type RuntimeResult } from './runtime.ts'

/** Node: the smoke test, and every block of the README, as a stranger would run them. */
export async function runNode(project: Project): Promise<RuntimeResult> {
  const main = project.write(
    'main.ts',
    "import { smoke } from './smoke.ts'\nconsole.log(JSON.stringify(await smoke()))\n",
  )
  const checks = readChecks(run(process.execPath, [main], project.folder))
  const blocks = await withFakeServer(project, (server) => runReadme(project, server))
  return { version: process.versions.node, checks: [...checks, `README: ${blocks} blocks`] }
}

async function runReadme(project: Project, server: string): Promise<number> {
  const blocks = readmeBlocks(server)
  for (const [index, { title, code, promised }] of blocks.entries()) {
    const file = project.write(`readme-${index}.ts`, code)
    const printed = run(process.execPath, [file], project.folder).trim()
    if (printed !== promised.join('\n'))
      throw new Error(`the block under "${title}" printed\n${printed}\nand promises\n${promised.join('\n')}`)
  }
  return blocks.length
}
