import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { afterAll, expect, test } from 'vitest'
import { createLogger } from '../../../src/telemetry/log.ts'
import { Metrics } from '../../../src/telemetry/metrics.ts'

const read = (name: string) => readFileSync(new URL(`../../../config/${name}`, import.meta.url), 'utf8')
const metrics = new Metrics(createLogger({ write: () => {} }))
afterAll(() => metrics.close())

/** The series that Prometheus will see, with the labels that each can have. */
async function series(): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  const { registry } = metrics
  for (const { name, type, labelNames } of registry.getMetricsAsArray() as unknown as {
    name: string
    type: string
    labelNames: string[]
  }[]) {
    const kind = String((await registry.getSingleMetric(name)?.get())?.type ?? type)
    const names = kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name]
    for (const one of names)
      found.set(one, new Set([...labelNames, ...(one.endsWith('_bucket') ? ['le'] : [])]))
  }
  return found
}

/** What an expression selects: the names with the labels that it asks for. */
const selections = (expression: string) =>
  [...expression.matchAll(/\b(viaduct_[a-z0-9_]+)(?:\{([^}]*)\})?/g)].map(([, name = '', matchers = '']) => ({
    name,
    labels: [...matchers.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label ?? ''),
  }))

const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  panels: {
    title: string
    targets?: { expr: string }[]
    gridPos: { x: number; y: number; w: number; h: number }
  }[]
}
const alerts = parse(read('alerts.yaml')) as { groups: { rules: { alert: string; expr: string }[] }[] }

const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    (targets ?? []).map(({ expr }) => [title, expr] as const),
  ),
  ...alerts.groups.flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)),
]

test.each(expressions)('%s asks for series that exist', async (_title, expression) => {
  const known = await series()
  for (const { name, labels } of selections(expression)) {
    expect([...known.keys()]).toContain(name)
    for (const label of labels) expect([...(known.get(name) ?? [])]).toContain(label)
  }
  for (const [, list = ''] of expression.matchAll(/\bby \(([^)]*)\)/g)) {
    const labels = list.split(',').map((label) => label.trim())
    const [first] = selections(expression)
    for (const label of labels) expect([...(known.get(first?.name ?? '') ?? [])]).toContain(label)
  }
})

test('there is something to see and to hear', () => {
  expect(expressions.length).toBeGreaterThan(40)
  expect(selections('rate(viaduct_nothing_total{a="b"}[5m])')).toEqual([
    { name: 'viaduct_nothing_total', labels: ['a'] },
  ])
})

test('each alert says what is the matter', () => {
  for (const { rules } of alerts.groups) {
    for (const rule of rules)
      expect(rule).toMatchObject({
        labels: { severity: expect.any(String) },
        annotations: { summary: expect.any(String) },
      })
  }
})

test('no panel covers another', () => {
  const cells = new Set<string>()
  for (const { title, gridPos } of dashboard.panels) {
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.has(`${x} ${y}`), title).toBe(false)
        cells.add(`${x} ${y}`)
      }
    }
  }
})
