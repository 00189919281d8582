/** Writes the server's new version where a release has to say it too: as the Dockerfile's default. */
import { readFileSync, writeFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync('apps/server/package.json', 'utf8'))
const dockerfile = readFileSync('Dockerfile', 'utf8')
writeFileSync('Dockerfile', dockerfile.replaceAll(/^ARG VERSION=.*$/gm, `ARG VERSION=${version}`))
