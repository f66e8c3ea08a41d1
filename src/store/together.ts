/** One statement with its values, to be run alone or together with others. */
export type Statement = { text: string; values: unknown[] }

/**
 * Several statements that change rows as one: it commits by itself, in one trip to the server where a transaction takes
 * two more than it has statements. None of them sees what the others did. The rows are those of the last.
 */
export function together(statements: readonly Statement[]): Statement | undefined {
  const last = statements.at(-1)
  if (last === undefined || statements.length === 1) return last
  const values: unknown[] = []
  const texts = statements.map((statement) => {
    const offset = values.length
    values.push(...statement.values)
    return statement.text.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + offset}`)
  })
  const before = texts.slice(0, -1).map((text, i) => `part_${i} as (${text})`)
  return { text: `with ${before.join(', ')} ${texts.at(-1) ?? ''}`, values }
}
