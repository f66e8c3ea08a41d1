/** What the bench that started this program handed to it. */
export const options: unknown = JSON.parse(process.argv[2] ?? '{}')

/** Tells the bench something. */
export function tell(value: unknown): void {
  process.send?.(value)
}

process.on('disconnect', () => process.exit())
