import type { PageLoad } from './$types.js'
import { readQuestion } from './question.ts'

/** The address says what is counted. */
export const load: PageLoad = ({ url }) => ({ question: readQuestion(url.searchParams, Date.now()) })
