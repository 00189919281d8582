import { defineCommand } from 'citty'

import { composeWelcome, welcomeToJson } from '../first-run/welcome.ts'
import { runRelay } from '../main.ts'
import { commonArguments, environmentOf, strictArguments } from './arguments.ts'
import { commandName } from './command-name.ts'
import { endWith } from './report.ts'

/** `relay start`: runs the server until a signal stops it. */
export const start = defineCommand({
  meta: { name: 'relay start', description: 'Run the server until a signal stops it' },
  args: {
    ...commonArguments,
    config: { type: 'string', valueHint: 'file', description: 'Configuration file, instead of RELAY_CONFIG' },
    port: { type: 'string', valueHint: 'number', description: 'Port to listen on, instead of PORT' },
    host: { type: 'string', valueHint: 'address', description: 'Address to listen on, instead of HOST' },
    workers: { type: 'string', valueHint: 'number', description: 'Processes that serve, instead of RELAY_WORKERS' },
  },
  plugins: [strictArguments],
  run: async ({ args }) => {
    const exitCode = await runRelay({
      environment: environmentOf(args, { PORT: args.port, HOST: args.host, RELAY_WORKERS: args.workers }),
      configFile: args.config,
      command: commandName(),
      welcome: (welcome) => {
        process.stdout.write(args.json ? `${JSON.stringify(welcomeToJson(welcome))}\n` : composeWelcome(welcome))
      },
    })
    endWith(exitCode)
  },
})
