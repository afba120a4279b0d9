// One value out of Prometheus's text. Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, 0.0.4).

/** The sum over the samples of `name`, or of `name{label="value",…}`: those that carry at least these labels. Undefined when there is none. */
export function readMetric(text: string, metric: string): number | undefined {
  const wanted = parseSample(`${metric} 0`);
  if (wanted === undefined) return undefined;
  const values = text.split("\n").flatMap((line) => {
    const sample = parseSample(line);
    if (sample?.name !== wanted.name) return [];
    const isMatch = [...wanted.labels].every(([label, value]) => sample.labels.get(label) === value);
    return isMatch ? [sample.value] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

function parseSample(line: string): Sample | undefined {
  const [, name, labels = "", value = ""] = SAMPLE.exec(line.trim()) ?? [];
  if (name === undefined) return undefined;
  const pairs = [...labels.matchAll(LABEL)].map(([, label = "", text = ""]) => [label, unescaped(text)] as const);
  return { name, labels: new Map(pairs), value: numberOf(value) };
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, mark: string) => (mark === "n" ? "\n" : mark));
}

function numberOf(text: string): number {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
