/** Words of charts. */
export const chartWords = {
  chart: {
    time: 'Time',
    asTable: 'Show as a table',
    asChart: 'Show as a chart',
    walk: (title: string): string => `${title}. Arrow keys walk through the values.`,
    select: (title: string): string =>
      `${title}. Arrow keys walk through the values; Shift and arrow keys mark a span, Enter chooses it.`,
  },
}
