/**
 * For tests of programs that use this package: answers of fake servers, and the hostile ways in which a stream arrives.
 *
 * @packageDocumentation
 */
export { buildAnswer } from './build-answer.ts'
export type { AnswerContent, BuiltAnswer } from './build-answer.ts'
export { everyCut, withComments, withCrlf } from './cut-stream.ts'
export type { Pieces } from './cut-stream.ts'
