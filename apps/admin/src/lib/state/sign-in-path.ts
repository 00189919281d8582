import { paths } from './paths.ts'

/** The part of an address that says where the reader is. */
interface Place {
  readonly pathname: string
  readonly search: string
}

/** The login page that comes back to where the reader is. */
export function signInPath({ pathname, search }: Place): string {
  return `${paths.login}?next=${encodeURIComponent(pathname + search)}`
}

/** Where to go after signing in: a page of this panel, whatever the address says. */
export function nextPath({ search }: Pick<Place, 'search'>): string {
  const next = new URLSearchParams(search).get('next') ?? ''
  return next.startsWith(paths.home) && !next.startsWith(paths.login) ? next : paths.dashboard
}
