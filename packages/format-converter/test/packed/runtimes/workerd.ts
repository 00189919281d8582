import { run, type Project } from '../project.ts'
import { bundle } from './bundle.ts'
import { binaryFromNpm, platform } from './from-npm.ts'
import { readChecks, type RuntimeResult } from './runtime.ts'

/** The date of the runtime's rules. Without compatibility flags there is nothing of Node in it. */
const COMPATIBILITY_DATE = '2026-01-01'

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
const main :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
  compatibilityDate = "${COMPATIBILITY_DATE}",
);
`

/** The runtime of Cloudflare's Workers, from npm. */
export async function runWorkerd(project: Project): Promise<RuntimeResult> {
  const workerd = binaryFromNpm(
    `@cloudflare/workerd-linux-${platform({ x64: '64', arm64: 'arm64' })}`,
    '^1.20261117.1',
    'bin/workerd',
  )
  const source =
    "import { smoke } from './smoke.ts'\nexport default { async test() { console.log(JSON.stringify(await smoke())) } }"
  project.write('worker.mjs', await bundle(project, source, 'esm'))
  const printed = run(workerd, ['test', project.write('config.capnp', CONFIG)], project.folder)
  return { version: run(workerd, ['--version'], project.folder).trim(), checks: readChecks(printed) }
}
