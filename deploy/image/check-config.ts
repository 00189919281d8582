import type { BuiltImage } from './build-image.ts'
import type { ImageConfig } from './builder.ts'
import type { Check } from './check-image.ts'

/** What the image says of itself. */
export function checkConfig({ version, revision }: BuiltImage, config: ImageConfig): readonly Check[] {
  const label = (name: string): string => config.Labels[`org.opencontainers.image.${name}`] ?? 'nothing'
  return [
    is('label version', label('version'), version),
    is('label revision', label('revision'), revision),
    is('label licenses', label('licenses'), 'MIT'),
    is('user', config.User, '1000:1000'),
    is('entry point, in exec form', config.Entrypoint.join(' '), '/usr/local/bin/node /app/relay.js'),
    is('command', config.Cmd.join(' '), 'start'),
    is('stop signal', config.StopSignal, 'SIGTERM'),
    is('port', Object.keys(config.ExposedPorts).join(), '3000/tcp'),
    is('volume', Object.keys(config.Volumes).join(), '/app/data'),
    is('health check, without a shell', config.Healthcheck.Test[0] ?? 'none', 'CMD'),
    is('environment', config.Env.filter((entry) => entry.startsWith('NODE_ENV=')).join(), 'NODE_ENV=production'),
  ]
}

function is(check: string, seen: string, wanted: string): Check {
  return { check, isGood: seen === wanted, seen }
}
