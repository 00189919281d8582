import { writeFidelity } from './fidelity-files.ts'

writeFidelity()
