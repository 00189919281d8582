export { everyCut, type Pieces } from '../../src/testing/cut-stream.ts'
