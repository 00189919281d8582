/** What is asked before something is done that cannot be undone at once. */
export interface Question {
  readonly title: string
  /** What will happen. */
  readonly lead: string
  /** The words on the button that does it. */
  readonly action: string
  readonly isDangerous?: boolean
}

interface Asked extends Question {
  readonly answer: (isConfirmed: boolean) => void
}

let asked = $state.raw<Asked>()

/** The question that waits for an answer; shown by `confirm-host.svelte`. */
export const confirmation = {
  get current(): Question | undefined {
    return asked
  },
  answer(isConfirmed: boolean): void {
    const question = asked
    asked = undefined
    question?.answer(isConfirmed)
  },
}

/** Asks the reader; `false` when the dialog is closed in any other way. A second question answers the first with no. */
export async function confirm(question: Question): Promise<boolean> {
  confirmation.answer(false)
  return new Promise((resolve) => {
    asked = { ...question, answer: resolve }
  })
}
