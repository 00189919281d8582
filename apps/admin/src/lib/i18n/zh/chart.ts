import type { Words } from '../words.ts'

export const chartWords: Pick<Words, 'chart'> = {
  chart: {
    time: '时间',
    asTable: '以表格显示',
    asChart: '以图表显示',
    walk: (title) => `${title}。用方向键逐个查看数值。`,
    select: (title) => `${title}。用方向键逐个查看数值；按住 Shift 加方向键标出一段时间，回车选定。`,
  },
}
