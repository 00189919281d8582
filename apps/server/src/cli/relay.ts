import { runCommandLine } from './run-command.ts'

process.exit(await runCommandLine(process.argv.slice(2)))
